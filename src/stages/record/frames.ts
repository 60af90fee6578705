/**
 * Where an exception came from: its name and stack frames, without its message. Messages of libraries quote
 * what they were given, and that may be a token.
 */
export function framesOf(thrown: unknown): readonly string[] {
  if (!(thrown instanceof Error)) return []
  const frames = (thrown.stack ?? '').split('\n').filter((line) => line.startsWith('    at '))
  return [thrown.name, ...frames.slice(0, 10).map((line) => line.trim())]
}
