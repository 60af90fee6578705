// Trains the model of stages/screen/context from third-party cases and our own texts: the same input, the same bytes.
import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { writeModel } from '../src/stages/screen/context/detect/load-model.ts'
import { scanText } from '../src/stages/screen/context/detect/scan-text.ts'
import { calibrate, crossScores, isTraffic, trainOn } from './train-context/calibrate.ts'
import { ownRows } from './train-context/own-texts.ts'
import { type ContextRow, casesFolder, loadContextRows, mayTrain, sourceOf } from './train-context/rows.ts'

const usage = `npm run train:context -- [--out FILE] [--table]

Trains the context model (minutes on one core) and writes it. Reads the cases of SALLYPORT_CASES, else ../shared/cases.

  --out    where the model goes (src/stages/screen/context/detect/model.bin)
  --table  also trains once without each source, and prints what is recognised of it then
`
const { values } = parseArgs({
  options: {
    out: {
      type: 'string',
      default: new URL('../src/stages/screen/context/detect/model.bin', import.meta.url).pathname,
    },
    table: { type: 'boolean', default: false },
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
const calibration = calibrate(crossScores(all, say))
say('training on everything')
const { model, documents } = trainOn(all)
const digest = createHash('sha256').update(Buffer.from(model.weights.buffer)).digest('hex')
const { weights, drift, lengthCost } = model
const bytes = writeModel({ format: 1, digest, documents, drift, lengthCost, ...calibration }, weights)
writeFileSync(values.out, bytes)
process.stdout.write(
  `${bytes.length} bytes from ${documents} documents, weights ${digest.slice(0, 16)}…\n` +
    `flagged from ${calibration.flagAt} (1 % of benign documents), sure from ${calibration.sureAt} (0.1 %); risk = logistic(${calibration.slope} · score + ${calibration.offset})\n`,
)
if (values.table) printTable()

/** Each source once left out of training and calibration: what would be recognised of attacks nobody had seen. */
function printTable(): void {
  const sources = [...new Set(rows.filter((row) => mayTrain(row) && row.label !== 'policy').map(sourceOf))]
  process.stdout.write(
    '\nsource left out                    attacks   model  model or rules   benign   flagged\n',
  )
  for (const source of sources) {
    say(`without ${source}`)
    const rest = all.filter((row) => sourceOf(row) !== source)
    const { flagAt } = calibrate(crossScores(rest, () => {}))
    const held = { ...trainOn(rest).model, flagAt }
    const of = rows.filter((row) => sourceOf(row) === source)
    const attacks = of.filter(({ label }) => label === 'attack')
    const benign = of.filter((row) => row.label === 'benign' && (isTraffic(row) || row.kind === 'prompt'))
    const share = (some: readonly ContextRow[], rules: boolean): string =>
      some.length === 0
        ? '–'
        : `${((100 * some.filter((row) => flagged(row, held, rules)).length) / some.length).toFixed(1)} %`
    process.stdout.write(
      `${source.padEnd(32)} ${String(attacks.length).padStart(9)} ${share(attacks, false).padStart(7)} ${share(attacks, true).padStart(15)} ${String(benign.length).padStart(8)} ${share(benign, true).padStart(9)}\n`,
    )
  }
}

function flagged(row: ContextRow, held: typeof model, rules: boolean): boolean {
  const verdict = scanText(row.text, { model: held, hosts: { hosts: [], links: false } })
  return verdict.score >= held.flagAt || (rules && verdict.rules.length > 0)
}
