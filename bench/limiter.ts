// The distributed limiter with local leases in simulated time: how far nodes together exceed a limit, beside the bound
// that is stated for it. `npm run bench:limiter` [--seconds N].
import { parseArgs } from 'node:util'
import { type Scenario, simulate } from './limiter/simulate.ts'
import { formatTable } from './table.ts'

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '20' } } })
const usual: Scenario = {
  nodes: 10,
  limit: 1000,
  demand: 3,
  lagMs: 2,
  share: 0.02,
  leaseMs: 1000,
  seconds: Number(values.seconds),
  seed: 1,
}

const rows: readonly (readonly [string, Partial<Scenario>])[] = [
  ['each call asks', { exact: true }],
  ['1 node', { nodes: 1 }],
  ['10 nodes', {}],
  ['10 nodes, half the limit asked', { demand: 0.5 }],
  ['10 nodes, lease of 10 %', { share: 0.1 }],
  ['50 nodes', { nodes: 50 }],
  ['50 nodes, lease of 0.5 %', { nodes: 50, share: 0.005 }],
  ['10 nodes, 50 ms lag', { lagMs: 50 }],
  ['10 nodes, 200 ms lag', { lagMs: 200 }],
  ['10 nodes, bursts', { bursts: true }],
  ['10 nodes, bursts, 50 ms lag, 10 %', { bursts: true, lagMs: 50, share: 0.1 }],
  ['10 nodes, worst case', { worst: true }],
  ['10 nodes, worst case, 10 %', { worst: true, share: 0.1 }],
  ['50 nodes, worst case, 1 %', { worst: true, nodes: 50, share: 0.01 }],
  ['10 nodes, half cut off for 5 s', { partition: [5000, 10_000] }],
  ['10 nodes, one dies', { death: 5000 }],
]

const lines: string[][] = [
  ['limit of 1,000/s', 'passed', 'of what may', 'overshoot', 'bound', 'trips/call', 'faults', 'held'],
]
let held = true
for (const [title, more] of rows) {
  const outcome = await simulate({ ...usual, ...more })
  const within = outcome.overshoot <= outcome.bound
  held &&= within
  lines.push([
    title,
    String(outcome.passed),
    `${(100 * outcome.used).toFixed(1)} %`,
    String(Math.max(0, outcome.overshoot)),
    String(outcome.bound),
    outcome.asked.toFixed(3),
    String(outcome.faults),
    within ? 'yes' : 'NO',
  ])
}
console.log(formatTable(lines))
console.log(
  '\novershoot: most calls in any time T beyond burst + rate × T; bound: nodes × 1.5 × lease + rate × lag',
)
if (!held) process.exitCode = 1
