import { randomFillSync } from 'node:crypto'

/** W3C Trace Context §3.2: version, trace id, parent id, flags; later versions may append. */
const form = /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-.*)?$/

const pool = Buffer.alloc(16 * 64)
let hex = ''
let next = 0

/** The trace id of a valid `traceparent` (32 lower-case hex), else undefined. */
export function parseTraceparent(value: string | undefined): string | undefined {
  if (value === undefined || value.length < 55) return undefined
  const match = form.exec(value)
  if (match === null || (match[1] === '00' && match[3] !== undefined)) return undefined
  return match[2]
}

/** A new random trace id. Randomness is drawn for 64 at a time. */
export function createTraceId(): string {
  if (next >= hex.length) {
    hex = randomFillSync(pool).toString('hex')
    next = 0
  }
  next += 32
  return hex.slice(next - 32, next)
}
