import { parseDuration } from '../config/values/parse-duration.ts'
import { type Call, textOf } from './command.ts'
import { Misuse } from './misuse.ts'

/** An option that is a duration back from now, or a point in time: ms since the epoch. */
export function timeOf(values: Call['values'], name: string, command: string): number | undefined {
  const text = textOf(values, name)
  if (text === undefined) return undefined
  const back = parseDuration(text)
  if (back !== undefined) return Date.now() - back
  const time = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(time)) throw new Misuse(`${command}: --${name} takes 24h or 2026-11-24T10:00:00Z`)
  return time
}
