// What good callers keep while five times the capacity is asked for, over real sockets: `npm run bench:overload`.
// [--capacity N] calls a second of the upstream, [--seconds N] of the flood.
import { parseArgs } from 'node:util'
import { flood, type Phase } from './overload/flood.ts'
import { startSite } from './overload/site.ts'
import { formatTable } from './table.ts'

const { values } = parseArgs({
  options: { capacity: { type: 'string', default: '200' }, seconds: { type: 'string', default: '10' } },
})
const capacity = Number(values.capacity)
const serviceMs = 50
const places = Math.max(1, Math.round((capacity * serviceMs) / 1000))

const variants: readonly (readonly [string, string])[] = [
  ['overload on (defaults)', '{}'],
  ['overload off', '{ mode: "off" }'],
]

for (const [title, overload] of variants) {
  const site = await startSite(places, serviceMs, overload)
  try {
    const result = await flood({
      port: site.port,
      path: '/things',
      capacity,
      seconds: { before: 5, flood: Number(values.seconds), after: 5 },
    })
    const before = result.phases.find((phase) => phase.name === 'before')
    const during = result.phases.find((phase) => phase.name === 'flood')
    const kept = (during?.good.served ?? 0) / (before?.good.served ?? 1)
    const total = ((during?.good.served ?? 0) + (during?.greedy.served ?? 0)) / capacity
    console.log(
      `\n${title}: upstream of ${capacity} calls a second (${places} at once, ${serviceMs} ms each)\n`,
    )
    console.log(
      formatTable([
        [
          'phase',
          'offered/s',
          'good served/s',
          'of theirs',
          'p50 ms',
          'p99 ms',
          'shed/s',
          'failed/s',
          'greedy served/s',
          'greedy shed/s',
          'refused p50 ms',
        ],
        ...result.phases.map(rowOf),
      ]),
    )
    console.log(
      `good callers keep ${percent(kept)} of their throughput; ${percent(total)} of the capacity is used; ` +
        `recovered ${Number.isFinite(result.recoveredMs) ? `${Math.max(0, Math.round(result.recoveredMs))} ms` : 'not at all'} after the flood`,
    )
  } finally {
    await site.close()
  }
}

function rowOf({ name, offered, good, greedy }: Phase): string[] {
  const whole = (value: number): string => value.toFixed(0)
  return [
    name,
    whole(offered),
    whole(good.served),
    percent(good.served / Math.max(1, good.offered)),
    whole(good.p50),
    whole(good.p99),
    whole(good.shed),
    whole(good.failed),
    whole(greedy.served),
    whole(greedy.shed),
    whole(greedy.refusedP50),
  ]
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`
}
