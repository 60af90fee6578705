import { hash, timingSafeEqual } from 'node:crypto'

/**
 * Whether two secrets are the same, in time that depends on neither content nor common length: both are
 * hashed first, so that the comparison is always over 32 bytes.
 */
export function isSameSecret(given: string, expected: string): boolean {
  return timingSafeEqual(hash('sha256', given, 'buffer'), hash('sha256', expected, 'buffer'))
}
