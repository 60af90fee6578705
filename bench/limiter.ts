// The distributed limiter with its leases in simulated time: how far nodes together exceed a limit, beside the bound
// that is stated for it. `npm run bench:limiter` [--seconds N].
import { parseArgs } from 'node:util'
import { beginCampaign } from '../tools/figures/figures.ts'
import { type Scenario, simulate } from './limiter/simulate.ts'

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '20' } } })
const usual: Scenario = {
  nodes: 10,
  limit: 1000,
  demand: 3,
  lagMs: 2,
  leaseMs: 100,
  seconds: Number(values.seconds),
  seed: 1,
}

const rows: readonly (readonly [string, Partial<Scenario>])[] = [
  ['each call asks', { leaseMs: 0 }],
  ['1 node', { nodes: 1 }],
  ['10 nodes', {}],
  ['10 nodes, half the limit asked', { demand: 0.5 }],
  ['10 nodes, lease of 1 s', { leaseMs: 1000 }],
  ['50 nodes', { nodes: 50 }],
  ['50 nodes, lease of 1 s', { nodes: 50, leaseMs: 1000 }],
  ['10 nodes, 50 ms lag', { lagMs: 50 }],
  ['10 nodes, 200 ms lag', { lagMs: 200 }],
  ['10 nodes, bursts', { bursts: true }],
  ['10 nodes, bursts, 50 ms lag', { bursts: true, lagMs: 50 }],
  ['10 nodes, worst case', { worst: true }],
  ['10 nodes, worst case, lease of 1 s', { worst: true, leaseMs: 1000 }],
  ['50 nodes, worst case', { worst: true, nodes: 50 }],
  ['10 nodes, half cut off for 5 s', { partition: [5000, 10_000] }],
  ['10 nodes, one dies', { death: 5000 }],
  ['10 nodes, 100,000/s, half of it asked', { limit: 100_000, demand: 0.5, seconds: 2 }],
  [
    '100 nodes, 100,000/s',
    { nodes: 100, limit: 100_000, demand: 1.2, seconds: Math.min(2, Number(values.seconds)) },
  ],
]

const campaign = beginCampaign('limiter', {
  title: 'One limit over many gateways',
  claim:
    'gateways together never let more pass than the limit says and what is on its way from the store (rate × lag): leases add nothing',
  command: 'npm run bench:limiter',
})
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
campaign.end({
  held,
  table: lines,
  notes: [
    'Overshoot: most calls that passed in any time T beyond burst + rate × T. The code of the gateway runs in simulated time against a model of the script in Redis; a test runs both side by side.',
    'Faults are calls that got no answer of the store: a gateway that is cut off decides by itself then, each by the whole limit, unless the rule says `onFault: deny`.',
  ],
})
