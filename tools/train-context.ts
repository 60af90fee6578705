// Trains the model of stages/screen/context from third-party cases and our own texts: the same input, the same bytes.
import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import type { LinearModel } from '../src/stages/screen/context/detect/linear-model.ts'
import { writeModel } from '../src/stages/screen/context/detect/load-model.ts'
import { calibrate, crossScores, isTraffic, trainOn } from './train-context/calibrate.ts'
import { holdOut, isFlagged, judge } from './train-context/hold-out.ts'
import { ownRows } from './train-context/own-texts.ts'
import { type ContextRow, casesFolder, loadContextRows, mayTrain, sourceOf } from './train-context/rows.ts'

const usage = `npm run train:context -- [--out FILE] [--no-table]

Trains the context model (minutes on one core), writes it, and prints what is recognised of each source of attacks, and wrongly
of each domain of honest texts, when nothing of it was learned. Reads the cases of SALLYPORT_CASES, else ../shared/cases.

  --out FILE   where the model goes (src/stages/screen/context/detect/model.bin)
  --no-table   trains and calibrates only
`
const { values } = parseArgs({
  options: {
    out: {
      type: 'string',
      default: new URL('../src/stages/screen/context/detect/model.bin', import.meta.url).pathname,
    },
    'no-table': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})
if (values.help) {
  process.stdout.write(usage)
  process.exit(0)
}
const say = (line: string): void => void process.stderr.write(`${line}\n`)
const rows = loadContextRows(casesFolder())
if (rows.length === 0) {
  say('train:context: no cases: set SALLYPORT_CASES to their folder')
  process.exit(2)
}
const all = [...rows, ...ownRows()]
say('training on everything')
const { model, documents } = trainOn(all)
const calibration = calibrate(crossScores(all, say), model)
const digest = createHash('sha256').update(Buffer.from(model.weights.buffer)).digest('hex')
const { weights, drift, lengthCost, shortCost } = model
const bytes = writeModel(
  { format: 2, digest, documents, drift, lengthCost, shortCost, ...calibration },
  weights,
)
writeFileSync(values.out, bytes)
process.stdout.write(
  `${bytes.length} bytes from ${documents} documents, weights ${digest.slice(0, 16)}…
flagged from ${calibration.flagAt} (1 % of honest replies of 0.5 to 64 KB), sure from ${calibration.sureAt} (0.1 %)
`,
)
if (!values['no-table']) printTable()

/** Each source once left out of training and calibration: what would be recognised of attacks nobody had seen. */
function printTable(): void {
  const sources = [
    ...new Set(rows.filter((row) => mayTrain(row) && row.label !== 'policy').map(sourceOf)),
  ].sort()
  print(['source left out', 'attacks', 'model 1 %', 'model 0.1 %', 'with rules', 'honest', 'flagged'])
  for (const source of sources) {
    const { model: held, rows: of } = holdOut(all, source)
    const attacks = of.filter(({ label }) => label === 'attack')
    const honest = of.filter((row) => row.label === 'benign' && (isTraffic(row) || row.kind === 'prompt'))
    print([
      source,
      String(attacks.length),
      share(attacks, (row) => judge(held, row.text).score >= held.flagAt),
      share(attacks, (row) => judge(held, row.text).score >= held.sureAt),
      share(attacks, flags(held)),
      String(honest.length),
      share(honest, flags(held)),
    ])
  }
}

function flags(held: LinearModel): (row: ContextRow) => boolean {
  return ({ text }) => isFlagged(held, judge(held, text))
}

function share(some: readonly ContextRow[], hit: (row: ContextRow) => boolean): string {
  return some.length === 0 ? '–' : `${((100 * some.filter(hit).length) / some.length).toFixed(1)} %`
}

function print([first = '', ...cells]: readonly string[]): void {
  process.stdout.write(`${first.padEnd(28)}${cells.map((cell) => cell.padStart(13)).join('')}\n`)
}
