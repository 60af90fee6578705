import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** One row of a context suite; see the README beside the files. */
export interface ContextRow {
  readonly id: string
  readonly suite: string
  readonly license: string
  readonly label: 'attack' | 'benign' | 'other' | 'policy'
  readonly label_strength?: string
  readonly category: string
  readonly family: string
  readonly kind: string
  readonly text: string
  readonly injected?: string
  readonly setting?: string
  readonly quotes_attack?: boolean
}

/** Name of a row's suite without its area: one source of attacks, one domain of benign text. */
export function sourceOf(row: Pick<ContextRow, 'suite'>): string {
  return row.suite.slice(row.suite.lastIndexOf('/') + 1)
}

/** The folder of third-party cases: SALLYPORT_CASES, else beside the repository. */
export function casesFolder(): string {
  return process.env['SALLYPORT_CASES'] ?? join(import.meta.dirname, '../../../shared/cases')
}

/** The context suites of the case folder, in order of file name; empty where there is none. */
export function loadContextRows(folder: string): ContextRow[] {
  const context = join(folder, 'context')
  if (!existsSync(context)) return []
  return readdirSync(context)
    .filter((name) => name.endsWith('.jsonl'))
    .sort()
    .flatMap((name) => readContextRows(join(context, name)))
}

/** Rows of one file; those of other areas are left out. */
export function readContextRows(file: string): ContextRow[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as ContextRow & { readonly area?: string })
    .filter((row) => (row.area ?? 'context') === 'context' && typeof row.text === 'string')
    .map((row) => ({ ...row, text: row.text.replace(generatorNote, '') }))
}

/** A first line that says by which generator a document was made: no part of the document. */
const generatorNote = /^\[LLM-template-generated document[^\]\n]*\]\s*/

const permissive = /^(?:MIT|MIT \(CybersecurityBenchmarks\)|Apache-2\.0|BSD-[23]-Clause)$/

/** What a model that ships may learn from: permissive licences alone, and nothing that was taken from a stricter set. */
export function mayTrain(row: ContextRow): boolean {
  return permissive.test(row.license) && !/wildguard/.test(row.category + row.suite)
}
