import { parseArgs } from 'node:util'
import { createAnomaly } from '../src/stages/record/anomaly/create-anomaly.ts'
import { campaigns, honest } from './anomaly/simulate.ts'
import { formatTable } from './table.ts'

const usage = `npm run bench:anomaly -- [--seeds 5] [--days 6] [--people 400] [--from SEED]

Days of made-up honest traffic with campaigns put into the last one, for several seeds: which are found, after how many
calls and how long, and how many false alarms honest traffic gives.
`
const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '5' },
    days: { type: 'string', default: '6' },
    people: { type: 'string', default: '400' },
    from: { type: 'string', default: '1' },
    help: { type: 'boolean', default: false },
  },
})
if (values.help) {
  process.stdout.write(usage)
  process.exit(0)
}
const days = Number(values.days)
const people = Number(values.people)
const rows = new Map<string, { tried: number; found: number; calls: number[]; seconds: number[] }>()
let calls = 0
let alarms = 0
let spent = 0
const falseKinds = new Map<string, number>()
for (let seed = Number(values.from); seed < Number(values.from) + Number(values.seeds); seed++) {
  process.stderr.write(`bench: seed ${seed} …\n`)
  const traffic = honest(seed, days, people)
  calls += traffic.length
  // Honest traffic alone: every finding is a false alarm.
  const quiet = createAnomaly()
  const started = process.cpuUsage().user
  for (const event of traffic)
    for (const { kind } of quiet.observe(event)) {
      alarms++
      falseKinds.set(kind, (falseKinds.get(kind) ?? 0) + 1)
    }
  spent += (process.cpuUsage().user - started) / 1000
  const from = (traffic.at(-1)?.time ?? 0) - 10 * 3_600_000
  for (const campaign of campaigns(seed, from, people)) {
    const row = rows.get(campaign.name) ?? { tried: 0, found: 0, calls: [], seconds: [] }
    rows.set(campaign.name, row)
    row.tried++
    const watched = createAnomaly()
    const mine = new Set(campaign.events.map(({ id }) => id))
    const mixed = [...traffic, ...campaign.events].sort((a, b) => a.time - b.time)
    let own = 0
    for (const event of mixed) {
      const isOwn = mine.has(event.id)
      if (isOwn) own++
      const found = watched.observe(event)
      if (isOwn && found.some(({ kind }) => campaign.kinds.includes(kind))) {
        row.found++
        row.calls.push(own)
        row.seconds.push((event.time - (campaign.events[0]?.time ?? 0)) / 1000)
        break
      }
    }
  }
}
const middle = (list: readonly number[]): number =>
  list.toSorted((a, b) => a - b)[list.length >> 1] ?? Number.NaN
const most = (list: readonly number[]): number => Math.max(...list)
let found = 0
let tried = 0
process.stdout.write(
  `${formatTable([
    ['campaign', 'found', 'calls: median', 'most', 'seconds: median'],
    ...[...rows].map(([name, row]) => {
      found += row.found
      tried += row.tried
      return [
        name,
        `${row.found}/${row.tried}`,
        middle(row.calls).toFixed(0),
        most(row.calls).toFixed(0),
        middle(row.seconds).toFixed(0),
      ]
    }),
  ])}\n`,
)
const slow = [...rows].filter(([name]) => name.includes('enumeration')).flatMap(([, row]) => row.calls)
const stuffing = rows.get('stuffing from 1,000 addresses')?.calls ?? []
process.stdout.write(
  formatTable([
    ['', 'measured', 'goal', ''],
    [
      'campaigns found',
      `${((100 * found) / tried).toFixed(1)} %`,
      '≥ 95 %',
      found / tried >= 0.95 ? 'reached' : 'missed',
    ],
    [
      'foreign objects before enumeration is found, most',
      String(most(slow)),
      '< 30',
      most(slow) < 30 ? 'reached' : 'missed',
    ],
    [
      'guesses before stuffing is found, most',
      `${most(stuffing)} of 10000`,
      '< 1 %',
      most(stuffing) < 100 ? 'reached' : 'missed',
    ],
    [
      'false alarms in 100,000 honest calls',
      `${((alarms * 1e5) / calls).toFixed(2)} (${alarms} in ${calls})`,
      '≤ 1',
      (alarms * 1e5) / calls <= 1 ? 'reached' : 'missed',
    ],
    [
      'µs an event',
      ((spent * 1000) / calls).toFixed(2),
      '≤ 3',
      (spent * 1000) / calls <= 3 ? 'reached' : 'missed',
    ],
  ]),
)
if (alarms > 0)
  process.stdout.write(
    `\nfalse alarms by kind: ${[...falseKinds].map(([kind, n]) => `${kind} ${n}`).join(', ')}\n`,
  )
