/**
 * Whether a trace is kept, by its id alone: its last 56 bits are random (W3C Trace Context level 2), so gateways that keep
 * the same share keep the same traces.
 */
export function isKept(traceId: string, ratio: number): boolean {
  if (ratio >= 1) return true
  if (ratio <= 0) return false
  return Number.parseInt(traceId.slice(18), 16) < ratio * 2 ** 56
}
