import { parseArgs } from 'node:util'
import { createContextDetector } from '../src/stages/screen/context/detect/detector.ts'
import type { LinearModel } from '../src/stages/screen/context/detect/linear-model.ts'
import { loadModel } from '../src/stages/screen/context/detect/load-model.ts'
import { isTraffic } from '../tools/train-context/calibrate.ts'
import { holdOut, isFlagged, isRefused, judge } from '../tools/train-context/hold-out.ts'
import { distinct } from '../tools/train-context/near-duplicates.ts'
import { ownRows } from '../tools/train-context/own-texts.ts'
import {
  type ContextRow,
  casesFolder,
  loadContextRows,
  readContextRows,
  sourceOf,
} from '../tools/train-context/rows.ts'
import { printApis, printBuried, printDomains } from './context/domains.ts'
import { printEvasions } from './context/evasions.ts'
import { printLatency } from './context/latency.ts'
import { percent, shareOf } from './context/measures.ts'
import { printTargets } from './context/targets.ts'
import { formatTable } from './table.ts'

const usage = `npm run bench:context -- [--cases FILE] [--no-holdout]

Quality and speed of the detector of instructions in texts. Without --cases, each source is left out of training and of the
threshold and then measured: its attacks as collected and buried in replies of 0.5 to 64 KB, its honest texts as an unseen
domain (some minutes). Near-duplicates (MinHash) are never on both sides; a threshold is set at 1 % of replies made of honest
texts that the model had not read. Then the evasion matrix and the time by size, with the model that ships.

  --cases FILE    measures the model that ships on these rows (JSONL as the case folder has it)
  --no-holdout    only the evasion matrix and the times
`
const { values } = parseArgs({
  options: {
    cases: { type: 'string' },
    'no-holdout': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})
if (values.help) {
  process.stdout.write(usage)
  process.exit(0)
}
const print = (text: string): void => void process.stdout.write(`${text}\n`)
const shipped = loadModel()
const detector = createContextDetector()
const rows = loadContextRows(casesFolder())
if (rows.length === 0 && values.cases === undefined) {
  process.stderr.write(
    'bench:context: no cases: set SALLYPORT_CASES to their folder, or write --cases FILE\n',
  )
  process.exit(2)
}
const traffic = distinct(rows.filter(isTraffic))

if (values.cases !== undefined) measure(readContextRows(values.cases))
else {
  if (!values['no-holdout']) {
    print('Each source left out of training and threshold; near-duplicates of it, too')
    const modelOf = createHoldOut([...rows, ...ownRows()])
    printTargets(rows, traffic, modelOf, print)
    printBuried(rows, traffic, modelOf, print)
    printDomains(traffic, modelOf, print)
  }
  printApis(casesFolder(), shipped, print)
  printEvasions(rows, shipped, print)
  printLatency(traffic, print)
}

function createHoldOut(all: readonly ContextRow[]): (source: string) => LinearModel {
  const models = new Map<string, LinearModel>()
  return (source) => {
    const known = models.get(source)
    if (known !== undefined) return known
    process.stderr.write(`bench:context: without ${source}\n`)
    const { model } = holdOut(all, source)
    models.set(source, model)
    return model
  }
}

/** The model that ships on rows of others: by suite and category, and the target table. */
function measure(given: readonly ContextRow[]): void {
  const own = given.filter(isTraffic)
  const modelOf = (): LinearModel => shipped
  print(`The model that ships, on ${given.length} rows of ${values.cases}`)
  const groups = Map.groupBy(given, (row) => `${sourceOf(row)} ${row.label} ${row.category}`)
  print(
    formatTable([
      ['rows', 'n', 'flagged at 1 %', 'at 0.1 %', 'refused', 'injected part taken out'],
      ...[...groups].map(([name, of]) => lineOf(name, of)),
    ]),
  )
  printTargets(given, own.length > 0 ? own : traffic, modelOf, print)
  printBuried(given, own, modelOf, print)
  if (own.length > 0) printDomains(own, modelOf, print)
  printEvasions(given, shipped, print)
}

function lineOf(name: string, of: readonly ContextRow[]): string[] {
  const judged = of.map(({ text }) => judge(shipped, text))
  const hidden = name.startsWith('hidden_text attack')
  return [
    name,
    String(of.length),
    percent(shareOf(judged.map((one) => isFlagged(shipped, one)))),
    percent(shareOf(judged.map((one) => isFlagged(shipped, one, shipped.sureAt)))),
    percent(shareOf(judged.map((one) => isRefused(shipped, one)))),
    hidden ? percent(shareOf(of.map(isTakenOut))) : '',
  ]
}

/** True where the sanitised text does not hold what was injected, as it was written. */
function isTakenOut({ text, injected = '' }: ContextRow): boolean {
  const { sanitised } = detector.scan(text)
  return sanitised !== undefined && !sanitised.includes(injected)
}
