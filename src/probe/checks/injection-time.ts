import { controlLine } from '../policy-line.ts'
import { isOpen, reportWeakness } from '../report-weakness.ts'
import type { Exchange } from '../session.ts'
import type { World } from '../state/world.ts'
import type { Place } from './injection-places.ts'

const delays: readonly (readonly [string, (value: string, seconds: number) => string])[] = [
  ['injection.sql', (value, s) => `${value}' AND SLEEP(${s})-- `],
  ['injection.sql', (value, s) => `${value}'; SELECT pg_sleep(${s})-- `],
  ['injection.sql', (_, s) => `zq' OR (SELECT 1 FROM pg_sleep(${s})) IS NOT NULL-- `],
  ['injection.sql', (value, s) => `${value}'; WAITFOR DELAY '0:0:${s}'-- `],
  ['injection.sql', (_, s) => `1 OR SLEEP(${s})`],
  ['injection.command', (_, s) => `zq; sleep ${s}; #`],
  ['injection.command', (_, s) => `zq$(sleep ${s})`],
  ['injection.command', (_, s) => `zq | sleep ${s} #`],
  ['injection.command', (_, s) => `zq'; sleep ${s}; #`],
]

const long = 2
/** Of the time that is asked for; the rest may have passed before the clock started. */
const part = 0.95

/** The reply waits as long as it is told, twice, and not when it is told not to. */
export async function tryDelays(world: World, place: Place): Promise<void> {
  // What was told in another way needs no more proof; numbers and fixed words are seldom spliced unseen.
  for (const [rule, write] of delays) {
    if (!isOpen(world, rule, place.operation, place.at)) continue
    const one = await send(world, place, write(place.value, long))
    if (one.reply.failure !== undefined || one.reply.ms < long * 1000 * part) continue
    const none = await send(world, place, write(place.value, 0))
    if (none.reply.ms > long * 500) continue
    const two = await send(world, place, write(place.value, long))
    const again = await send(world, place, write(place.value, 0))
    if (two.reply.ms < long * 1000 * part || again.reply.ms > long * 500) continue
    reportWeakness(world, {
      rule,
      operation: place.operation,
      detail: place.at,
      message: `${place.at}: the reply waits as long as it is told`,
      confidence: 'certain',
      policy: controlLine('injection'),
      steps: [
        [`${long} seconds`, one],
        ['no second', none],
        [`${long} seconds again`, two],
        ['no second again', again],
      ],
    })
  }
}

function send(world: World, place: Place, text: string): Promise<Exchange> {
  return world.session.call(place.identity, place.put(text))
}
