// A gateway under a steady load for a long time, and whether it grows: `npm run soak -- --minutes N` (24 hours: 1440).
// [--rate N] calls a second, of which two of five are refused; callers and tokens change all the time.

import { setTimeout as wait } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { startChaosLoad } from '../test/chaos/chaos-load.ts'
import { startChaosSite } from '../test/chaos/chaos-site.ts'
import { beginCampaign } from './figures/figures.ts'

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '5' }, rate: { type: 'string', default: '150' } },
})
const minutes = Number(values.minutes)
const rate = Number(values.rate)
if (!(minutes >= 1 && minutes <= 100_000 && rate >= 10 && rate <= 10_000)) {
  console.error('soak: [--minutes N] [--rate N]')
  process.exit(2)
}

/** What a part of the time looked like: medians of its samples. */
interface Sample {
  readonly resident: number
  readonly heap: number
  readonly descriptors: number
  readonly handles: number
  readonly p50: number
  readonly p99: number
}
const names = ['resident', 'heap', 'descriptors', 'handles', 'p50', 'p99'] as const

/** Samples in all; the first fifth of the time warms up. */
const parts = 5
const everyMs = Math.max(2_000, (minutes * 60_000) / 300)
/** Callers at once, and how often one of them is replaced by one that was never seen. */
const callers = 64
const replaceMs = 50

const campaign = beginCampaign('soak', {
  title: 'Soak',
  claim: 'from the second fifth of the time to the last, memory, handles and the usual latency do not grow',
  command: `npm run soak -- --minutes ${minutes} --rate ${rate}`,
})
const site = await startChaosSite()
const samples: Sample[] = []
let calls = 0
let served = 0
/** Good calls by what came in place of 200. */
const others = new Map<string, number>()
try {
  const good: string[] = []
  for (let i = 0; i < callers; i++) good.push(await site.tokens.fresh())
  let turn = 0
  const replacing = setInterval(() => {
    void site.tokens.fresh().then((token) => {
      good[turn++ % callers] = token
    })
  }, replaceMs)
  let pick = 0
  const load = startChaosLoad(
    site.port,
    {
      ...site.tokens,
      of: {
        ...site.tokens.of,
        get good(): string | undefined {
          return good[pick++ % callers]
        },
      },
    },
    rate,
  )
  const end = performance.now() + minutes * 60_000
  while (performance.now() < end) {
    await wait(everyMs)
    const outcomes = load.drain()
    calls += outcomes.length
    const asked = outcomes.filter(({ kind }) => kind === 'good')
    for (const { status } of asked) {
      const name = String(status ?? 'no reply')
      if (status === 200) served++
      else others.set(name, (others.get(name) ?? 0) + 1)
    }
    const took = asked.map(({ sent, at }) => at - sent).sort((a, b) => a - b)
    const at = (share: number): number => took[Math.floor(took.length * share)] ?? Number.NaN
    samples.push({
      resident: (await site.metric('process_resident_memory_bytes')) / 1e6,
      heap: (await site.metric('nodejs_heap_size_used_bytes')) / 1e6,
      descriptors: await site.metric('process_open_fds'),
      handles: await site.metric('nodejs_active_handles_total'),
      p50: at(0.5),
      p99: at(0.99),
    })
  }
  clearInterval(replacing)
  await load.stop()
} finally {
  await site.close()
}

const rest = [...others.values()].reduce((sum, one) => sum + one, 0)
const size = Math.floor(samples.length / parts)
const medians = Array.from({ length: parts }, (_, part) => samples.slice(part * size, (part + 1) * size)).map(
  (some) =>
    Object.fromEntries(names.map((name) => [name, median(some.map((one) => one[name]))])) as Record<
      (typeof names)[number],
      number
    >,
)
const [, before] = medians
const after = medians.at(-1)
campaign.end({
  held:
    size > 0 && before !== undefined && after !== undefined && !grew(before, after) && rest <= served / 100,
  table: [
    ['part of the time', 'resident MB', 'heap MB', 'descriptors', 'handles', 'p50 ms', 'p99 ms'],
    ...medians.map((one, part) => [
      `${(part * 100) / parts} to ${((part + 1) * 100) / parts} %`,
      ...names.map((name) => one[name].toFixed(name === 'descriptors' || name === 'handles' ? 0 : 1)),
    ]),
  ],
  notes: [
    `${minutes} minutes at ${rate} calls a second (${calls} calls; of the good ones ${served} were served, ${rest} not${[...others].map(([name, count]) => `, ${count} times ${name}`).join('')}), one gateway with SQLite; ${(1000 / replaceMs).toFixed(0)} new callers a second. Medians of ${size} samples each.`,
    'Grown means: more than 10 % and 20 MB of resident memory or heap, more than 8 descriptors or handles, or a median latency of more than 1.5 times; and one good call in a hundred may be shed where the machine is busy. Tails depend on what else the machine does and are shown only.',
  ],
})

function grew(from: Sample, to: Sample): boolean {
  const memory = (name: 'resident' | 'heap'): boolean =>
    to[name] > from[name] * 1.1 && to[name] > from[name] + 20
  return (
    memory('resident') ||
    memory('heap') ||
    to.descriptors > from.descriptors + 8 ||
    to.handles > from.handles + 8 ||
    to.p50 > from.p50 * 1.5
  )
}

function median(values_: readonly number[]): number {
  const sorted = [...values_].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}
