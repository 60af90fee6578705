/**
 * Runs something that awaits nothing; `ms` are the milliseconds it took: those that went by, or those that the
 * processor spent on it where these are fewer, so that what else the machine does is not counted.
 */
export function busyTime<T>(run: () => T): { readonly value: T; readonly ms: number } {
  const began = performance.now()
  const before = process.cpuUsage()
  const value = run()
  const { user, system } = process.cpuUsage(before)
  return { value, ms: Math.min(performance.now() - began, (user + system) / 1000) }
}
