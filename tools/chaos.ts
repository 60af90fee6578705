// Breaks one thing after another under a gateway that is under load, and looks at what that did: `npm run chaos`.
// [--rate N] calls a second, [--hold MS] of each fault, [--only WORD] faults whose name holds it. Starts a Redis and a
// PostgreSQL of its own; the fault of a full disk needs root, which makes a small one.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type ChaosSite, startChaosSite } from '../test/chaos/chaos-site.ts'
import { type Fault, faults } from '../test/chaos/faults.ts'
import { type FaultFigures, lossBoundMs, runFault } from '../test/chaos/run-fault.ts'
import { beginCampaign } from './figures/figures.ts'
import { installPackages } from './packages.ts'

const { values } = parseArgs({
  options: {
    rate: { type: 'string', default: '200' },
    hold: { type: 'string', default: '4000' },
    only: { type: 'string', default: '' },
  },
})
const timing = { rate: Number(values.rate), holdMs: Number(values.hold) }
if (!(timing.rate >= 10 && timing.rate <= 10_000 && timing.holdMs >= 100 && timing.holdMs <= 600_000)) {
  console.error('chaos: [--rate N] [--hold MS] [--only WORD]')
  process.exit(2)
}
installPackages()

/** A disk so small that it can be filled; undefined where it cannot be made. */
function smallDisk(): { readonly folder: string; remove(): void } | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-disk-'))
  const made = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=48m', 'tmpfs', folder])
  if (made.status !== 0) {
    rmdirSync(folder)
    return undefined
  }
  return {
    folder,
    remove() {
      spawnSync('umount', [folder])
      rmdirSync(folder)
    },
  }
}

const campaign = beginCampaign('chaos', {
  title: 'Chaos',
  claim:
    'whatever breaks, no call without authority reached the upstream or was answered with 2xx, no audit event was lost beyond the stated bound, and the chain of the log verified',
  command: 'npm run chaos',
})
const disk = smallDisk()
const chosen = faults.filter(
  ({ name, needs }) => name.includes(values.only) && (disk !== undefined || !needs.includes('small-disk')),
)
const ofWorkers = chosen.filter(({ needs }) => needs.includes('workers'))
const found: FaultFigures[] = []
const notes: string[] = []
let site: ChaosSite | undefined
try {
  site = await startChaosSite({
    redis: true,
    postgres: true,
    ...(disk !== undefined && { logFolder: disk.folder }),
  })
  for (const fault of chosen) if (!ofWorkers.includes(fault)) found.push(await run(site, fault))
  if (ofWorkers.length > 0) {
    await site.close()
    site = await startChaosSite({ workers: 2 })
    for (const fault of ofWorkers) found.push(await run(site, fault))
  }
} finally {
  await site?.close()
  disk?.remove()
}
if (disk === undefined) notes.push('The disk of the audit log was not filled: no small disk could be made.')

async function run(where: ChaosSite, fault: Fault): Promise<FaultFigures> {
  console.error(`${fault.name} …`)
  const figures = await runFault(where, fault, timing)
  if (figures.chain !== 0) console.error(figures.chainSaid)
  if (!Number.isFinite(figures.recoveryMs) || figures.deaths > 0)
    console.error(readFileSync(join(where.folder, 'gateway.log'), 'utf8').slice(-4000))
  return figures
}

campaign.end({
  held: chosen.length > 0 && found.length === chosen.length && found.every(held),
  table: [
    [
      'fault',
      'calls',
      'bad',
      'bad that passed',
      'good served meanwhile',
      'recovery ms',
      'events lost',
      'beyond the bound',
      'gateway died',
      'chain',
    ],
    ...found.map((one) => [
      one.fault,
      String(one.calls),
      String(one.bad),
      String(one.badPassed),
      `${one.served} of ${one.during}`,
      Number.isFinite(one.recoveryMs) ? one.recoveryMs.toFixed(0) : 'NEVER',
      String(one.eventsLost),
      String(one.eventsLostBeyondBound),
      String(one.deaths),
      one.chain === 0 ? 'whole' : 'NOT WHOLE',
    ]),
  ],
  notes: [
    ...notes,
    `${timing.rate} calls a second, each fault for ${timing.holdMs} ms, one gateway on PostgreSQL and Redis. Two of five calls are bad: no token, a forged, unsigned, expired, revoked or foreign one, too little scope, another's object.`,
    `Recovery is counted from the end of the fault until twenty good calls in a row were served; where the gateway was killed, from its death: it is started again after 100 ms, and with it Node and everything it reads.`,
    `Lost events are answered calls that the log's file does not hold. Killed, a gateway may lose what is younger than its flush (200 ms) and one write in flight; ${lossBoundMs} ms are allowed.`,
    'Workers: a gateway of two with SQLite; recovery is the time from the death of one until two serve again, while the other goes on. One that throws hands over its events; one that ends at once loses what is younger than 200 ms and the batch on its way.',
  ],
})

function held(one: FaultFigures): boolean {
  return (
    Number.isFinite(one.recoveryMs) &&
    one.badPassed === 0 &&
    one.deaths === 0 &&
    one.eventsLostBeyondBound === 0 &&
    one.chain === 0
  )
}
