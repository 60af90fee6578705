// Kills a process that records calls at random points and looks at what its sinks have: `npm run kill`. [--times N]
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { flushMs, type Killed, killRecorder, writeMs } from '../test/flow/killed-recorder.ts'
import { beginCampaign } from './figures/figures.ts'

const { values } = parseArgs({ options: { times: { type: 'string', default: '100' } } })
const times = Number(values.times)
if (!(times >= 1 && times <= 10_000)) {
  console.error('kill: [--times N]')
  process.exit(2)
}
const atOnce = 4
const [shortest, longest] = [100, 2_500]

const campaign = beginCampaign('kill', {
  title: 'Killed while recording',
  claim: `a process that is killed at any point loses, at each of its sinks, only what is younger than ${flushMs} ms and one write; nothing is missing in between, and the chains of file and database verify`,
  command: `npm run kill -- --times ${times}`,
})
const root = mkdtempSync(join(tmpdir(), 'sallyport-kill-'))
const killed: Killed[] = []
const broken: string[] = []
try {
  let left = times
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (left-- > 0) {
        const folder = mkdtempSync(join(root, 'one-'))
        const lives = shortest + Math.random() * (longest - shortest)
        await killRecorder(folder, lives).then(
          (one) => killed.push(one),
          (error: unknown) => broken.push(error instanceof Error ? error.message : 'unknown'),
        )
        rmSync(folder, { recursive: true, force: true })
        process.stderr.write(`\r${killed.length + broken.length} of ${times}`)
      }
    }),
  )
} finally {
  process.stderr.write('\n')
  rmSync(root, { recursive: true, force: true })
}
const noted = killed.reduce((sum, one) => sum + one.noted, 0)
const due = killed.reduce((sum, one) => sum + one.due, 0)
const rows = (['store', 'file', 'webhook', 'syslog'] as const).map((name) => {
  const lost = killed.map((one) => one.lost[name]).sort((a, b) => a - b)
  const at = (share: number): string => String(lost[Math.floor(share * (lost.length - 1))] ?? 0)
  return [name, String(noted), String(due), String(lost.reduce((sum, one) => sum + one, 0)), at(0.5), at(1)]
})
campaign.end({
  held: broken.length === 0,
  table: [['sink', 'events', 'older than the bound', 'lost', 'median of a kill', 'most'], ...rows],
  notes: [
    `${times} kills, ${shortest} to ${longest} ms after the first event, about 1,000 events a second.`,
    `A write is given ${writeMs} ms: on a quiet machine it takes a few.`,
    ...broken.map((message) => `Did not hold: ${message}`),
  ],
})
