/**
 * Milliseconds to add to this thread's monotonic time so that all threads of the process agree: `performance.now` counts from
 * where a thread began, the clock behind it does not.
 */
export function monotonicShift(): number {
  let best = Number.POSITIVE_INFINITY
  let shift = 0
  for (let i = 0; i < 20; i++) {
    const before = performance.now()
    const common = Number(process.hrtime.bigint()) / 1e6
    const after = performance.now()
    if (after - before >= best) continue
    best = after - before
    shift = common - (before + after) / 2
  }
  return shift
}
