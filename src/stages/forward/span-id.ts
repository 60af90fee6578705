import { randomFillSync } from 'node:crypto'

const POOL = 4096

/** A source of span ids (W3C Trace Context: 16 hex digits, not all zero). Randomness is fetched in bulk. */
export function createSpanIds(): () => string {
  const pool = Buffer.allocUnsafeSlow(POOL)
  let at = POOL
  return () => {
    if (at === POOL) {
      randomFillSync(pool)
      at = 0
    }
    const id = pool.toString('hex', at, at + 8)
    at += 8
    return id === '0000000000000000' ? '0000000000000001' : id
  }
}
