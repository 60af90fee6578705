// Sends mutated requests through the gate to nginx, HAProxy, Apache and Node, and compares what both sides put on record:
// `npm run differential`. [--count N] requests to each backend, [--seed N].
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { backendNames } from '../test/differential/backends.ts'
import { type DifferentialFigures, runDifferential } from '../test/differential/run-differential.ts'
import { beginCampaign } from './figures/figures.ts'
import { installPackages } from './packages.ts'

const { values } = parseArgs({
  options: { count: { type: 'string', default: '10000' }, seed: { type: 'string', default: '1' } },
})
const count = Number(values.count)
const seed = Number(values.seed)
if (!(Number.isInteger(count) && count >= 100 && count <= 10_000_000 && Number.isInteger(seed))) {
  console.error('differential: [--count N] [--seed N]')
  process.exit(2)
}
installPackages()

const campaign = beginCampaign('differential', {
  title: 'One reading of a request',
  claim:
    'each backend saw the requests that the gate has on record as passed on, and no other; no good call got the reply to another',
  command: `npm run differential -- --count ${count} --seed ${seed}`,
})
const more = framingLines()
const found: DifferentialFigures[] = []
for (const backend of backendNames) {
  console.error(`${backend} …`)
  found.push(await runDifferential(backend, count, seed, more))
}
campaign.end({
  held: found.every(agrees),
  table: [
    [
      'backend',
      'sent',
      'refused',
      'passed on',
      'seen',
      'of them broken off',
      'seen by it alone',
      'on record here alone',
      'good calls',
      'crossed',
    ],
    ...found.map((one) =>
      [
        one.backend,
        one.sent,
        one.refused,
        one.forwarded,
        one.seen,
        one.brokenOff,
        one.onlyBackend.length,
        one.onlyGate.length,
        one.canaries,
        one.crossed,
      ].map(String),
    ),
  ],
  notes: [
    'Each request is a good one changed in one to three places: bytes, line ends, framing and hop-by-hop fields, chunk sizes, targets, versions, methods, a second request behind it, a piece cut off. One in twenty is good and must get its own reply.',
    `${more.length} of the framing fields that are put in are third-party ones (the gadgets of \`smuggler_mutations\`, where \`SALLYPORT_CASES\` is).`,
    'A connection may carry several requests or none, so those refused and passed on are not those sent. Broken off: the caller left, or its body turned out malformed, while the call was on its way; the backend may or may not have seen those.',
    ...found.flatMap(({ backend, onlyBackend, onlyGate }) => [
      ...onlyBackend.map((line) => `${backend} alone: ${JSON.stringify(line)}`),
      ...onlyGate.map((line) => `not at ${backend}: ${JSON.stringify(line)}`),
    ]),
  ],
})

/** Malformed framing fields of the third-party cases; none where those are not here. */
function framingLines(): string[] {
  const folder = process.env['SALLYPORT_CASES'] ?? join(import.meta.dirname, '..', '..', 'shared', 'cases')
  const file = join(folder, 'http', 'smuggler_mutations.jsonl')
  if (!existsSync(file)) return []
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => (JSON.parse(line) as { gadget_b64?: string }).gadget_b64 ?? '')
    .filter(Boolean)
    .map((gadget) => Buffer.from(gadget, 'base64').toString('latin1'))
}

function agrees(one: DifferentialFigures): boolean {
  return (
    one.onlyBackend.length === 0 &&
    one.onlyGate.length === 0 &&
    one.seen === one.forwarded + one.brokenOff &&
    one.crossed === 0
  )
}
