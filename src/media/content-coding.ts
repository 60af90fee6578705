import { promisify } from 'node:util'
import { brotliDecompress, gunzip, inflate, zstdDecompress } from 'node:zlib'

type Coding = 'gzip' | 'x-gzip' | 'deflate' | 'br' | 'zstd'
type Decode = (bytes: Uint8Array, options: { maxOutputLength: number }) => Promise<Uint8Array>

const codings: Readonly<Record<Coding, Decode>> = {
  gzip: promisify(gunzip),
  'x-gzip': promisify(gunzip),
  deflate: promisify(inflate),
  br: promisify(brotliDecompress),
  zstd: promisify(zstdDecompress),
}

/** True for a coding that `decodeContent` can undo. Stacked codings are not (CVE-2026-22036). */
export function isKnownCoding(value: string): value is Coding {
  return Object.hasOwn(codings, value)
}

/** Inflation beyond this factor is refused as a bomb, whatever the limit. */
const maxRatio = 100

/**
 * Undoes one content coding under a limit (RFC 9110 §8.4). `too large` past `limit` bytes or 100 : 1,
 * `broken` where the bytes are not what the coding says.
 */
export async function decodeContent(
  coding: Coding,
  bytes: Uint8Array,
  limit: number,
): Promise<Uint8Array | 'too large' | 'broken'> {
  // A small body may honestly shrink more than 100 : 1 (a run of spaces).
  const maxOutputLength = Math.min(limit, Math.max(bytes.length * maxRatio, 65_536))
  try {
    return await codings[coding](bytes, { maxOutputLength })
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    return code === 'ERR_BUFFER_TOO_LARGE' ? 'too large' : 'broken'
  }
}
