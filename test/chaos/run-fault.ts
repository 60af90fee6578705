import { readFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { type Outcome, startChaosLoad } from './chaos-load.ts'
import type { ChaosSite } from './chaos-site.ts'
import type { Fault } from './faults.ts'

export interface FaultTiming {
  /** Calls a second. */
  readonly rate: number
  /** How long the fault lasts. */
  readonly holdMs: number
}

/** What one fault did. */
export interface FaultFigures {
  readonly fault: string
  readonly calls: number
  readonly bad: number
  /** Bad calls that the upstream saw, or that were answered with 2xx. Must be none. */
  readonly badPassed: number
  /** Good calls sent while it lasted, and how many of them were served. */
  readonly during: number
  readonly served: number
  /** Infinite where it did not come back. Milliseconds from the end of the fault (of a process that is started again: from its death) to a row of good calls; of a worker: from its death until as many serve as before. */
  readonly recoveryMs: number
  /** Answered calls that are in no audit log, and of those older than the bound when the gateway died. */
  readonly eventsLost: number
  readonly eventsLostBeyondBound: number
  /** Events that the gateway itself counted as lost. */
  readonly eventsCountedLost: number
  /** Times that the gateway ended though nobody killed it. Must be none. */
  readonly deaths: number
  /** `sallyport log verify`: 0 whole. */
  readonly chain: number
  readonly chainSaid: string
}

/**
 * Killed outright, a gateway loses what is younger than its flush (200 ms) and the one write in flight; a write is given a
 * second on a machine that has other work.
 */
export const lossBoundMs = 1_200
const streak = 20
const patienceMs = 40_000

/** Runs one fault under load and looks at what is left of it. */
export async function runFault(site: ChaosSite, fault: Fault, timing: FaultTiming): Promise<FaultFigures> {
  const reachedBefore = site.reached.length
  const deathsBefore = site.gateway.deaths()
  const lostBefore = await site.metric('sallyport_events_lost_total')
  const load = startChaosLoad(site.port, site.tokens, timing.rate)
  const from = performance.now()
  if ((await load.recovered(from, streak, patienceMs)) === undefined) {
    await load.stop()
    throw new Error(`${fault.name}: no good calls before it`)
  }
  await wait(300)

  const broken = performance.now()
  await fault.inject(site)
  const never = wait(patienceMs, Number.POSITIVE_INFINITY, { ref: false })
  const mendedMs = await Promise.race([fault.mended?.(site).then(() => performance.now() - broken), never])
  await wait(timing.holdMs)
  const healing = performance.now()
  await fault.heal(site)
  const healed = fault.fatal === true && healing - broken < timing.holdMs + 50 ? broken : performance.now()
  const good = await load.recovered(healed, streak, patienceMs)
  const recoveryMs = good === undefined ? undefined : (mendedMs ?? good)
  await wait(300)
  await load.stop()

  const { outcomes } = load
  const bad = outcomes.filter(({ kind }) => kind !== 'good')
  const during = outcomes.filter(({ kind, sent }) => kind === 'good' && sent >= broken && sent < healing)
  const badPassed = badPassedOf(site.reached.slice(reachedBefore), outcomes)

  const unwritten = await settle(
    site,
    outcomes.filter(({ status }) => status !== undefined),
  )
  const countedLost =
    (await site.metric('sallyport_events_lost_total')) - (fault.fatal === true ? 0 : lostBefore)
  const late = unwritten.filter(({ at }) =>
    fault.fatal === true || fault.partly === true
      ? at < broken - lossBoundMs || at > broken + timing.holdMs
      : true,
  )
  const { code, out, err } = await site.command('log', 'verify')
  return {
    fault: fault.name,
    calls: outcomes.length,
    bad: bad.length,
    badPassed,
    during: during.length,
    served: during.filter(({ status }) => status === 200).length,
    recoveryMs: recoveryMs === undefined ? Number.POSITIVE_INFINITY : Math.max(0, recoveryMs),
    eventsLost: unwritten.length,
    eventsLostBeyondBound: late.length,
    eventsCountedLost: countedLost,
    // Killed, it may need several starts: it does not begin while a store is away.
    deaths: fault.fatal === true ? 0 : site.gateway.deaths() - deathsBefore,
    chain: code,
    chainSaid: (out + err).trim(),
  }
}

/** Bad calls that the upstream saw, and bad calls that were answered with 2xx. */
export function badPassedOf(reached: readonly string[], outcomes: readonly Outcome[]): number {
  return (
    reached.filter((line) => !/^GET \/things\/good-\d+$/.test(line)).length +
    outcomes.filter(({ kind, status }) => kind !== 'good' && status !== undefined && status < 300).length
  )
}

/** Waits until every answered call is in the file; those that are not within five seconds are lost. */
async function settle<T extends { readonly id: string }>(
  site: ChaosSite,
  answered: readonly T[],
): Promise<T[]> {
  let missing: T[] = [...answered]
  for (let tries = 0; tries < 25 && missing.length > 0; tries++) {
    await wait(200)
    const written = idsIn(readFileSync(site.logFile, 'utf8'))
    missing = missing.filter(({ id }) => !written.has(id))
  }
  return missing
}

function idsIn(text: string): ReadonlySet<string> {
  const ids = new Set<string>()
  for (const [, id] of text.matchAll(/"id":"(chaos-[\d-]+)"/g)) if (id !== undefined) ids.add(id)
  return ids
}
