import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Report } from '../../src/contract/document/report.ts'
import { judge } from '../../src/contract/judge/judge.ts'
import { Validators } from '../../src/contract/judge/validators.ts'
import { isObject, type Schema } from '../../src/contract/schema.ts'
import { cutSchemaLoops } from '../../src/contract/schemas/schema-loops.ts'
import { SchemaStore } from '../../src/contract/schemas/schema-store.ts'
import type { Dialect } from '../../src/contract/schemas/upgrade-schema.ts'
import { type CaseRow, readCases } from '../cases.ts'

interface SchemaRow extends CaseRow {
  readonly schema: Schema
  readonly data: unknown
  readonly group: string
  readonly description: string
  readonly optional: boolean
  readonly needs_remote: boolean
  readonly expected: { readonly valid: boolean }
}

/** Where this validator knowingly differs: which rows, and why. Each says what it answers instead. */
interface Exception {
  readonly reason: string
  readonly matches: (row: SchemaRow) => boolean
  /** `refused`: the schema is refused at start, or the value is; never wrongly accepted. */
  readonly outcome: 'refused' | 'accepted' | 'either'
}

const exceptions: readonly Exception[] = [
  {
    reason:
      'meta-schemas and other documents are never fetched; a contract that refers to one is refused at start',
    matches: ({ schema, group, category }) =>
      (isObject(schema) && String(schema['$ref']).startsWith('http')) ||
      /^base URI change|^retrieved nested refs resolve relative/.test(group) ||
      category === 'optional_cross-draft',
    outcome: 'refused',
  },
  {
    reason: 'formats are enforced, as OpenAPI users expect, not annotations alone',
    matches: ({ category, description }) => category === 'format' && /annotation/.test(description),
    outcome: 'refused',
  },
  {
    reason: 'the key __proto__ is refused when JSON is read, before any schema is asked',
    matches: ({ description }) => description === '__proto__ not valid',
    outcome: 'accepted',
  },
  {
    reason: 'ajv takes `items` of an alternative as evaluated whether or not the alternative holds',
    matches: ({ group }) => group === 'unevaluatedItems with nested items',
    outcome: 'either',
  },
  {
    reason: 'contentEncoding and contentMediaType are annotations since 2019-09',
    matches: ({ category }) => category === 'optional_content',
    outcome: 'accepted',
  },
  {
    reason: 'JSON has one kind of number: 1.0 is the integer 1',
    matches: ({ category }) => category === 'optional_zeroTerminatedFloats',
    outcome: 'accepted',
  },
]

const remotesFile = fileURLToPath(
  new URL(
    'schema/jsonschema_remotes.json',
    `file://${process.env['SALLYPORT_CASES'] ?? fileURLToPath(new URL('../../../shared/cases', import.meta.url))}/`,
  ),
)

function run(t: TestContext, suite: string, dialect: Dialect, accuracy: number): void {
  const rows = readCases<SchemaRow>(t, `schema/${suite}`)
  if (rows.length === 0) return
  const remotes = existsSync(remotesFile)
    ? (JSON.parse(readFileSync(remotesFile, 'utf8')) as Record<string, unknown>)
    : {}
  const used = new Map<string, number>()
  let right = 0
  let accepted = 0
  for (const row of rows) {
    const valid = isValid(row, dialect, remotes)
    if (valid === row.expected.valid) {
      right += 1
      continue
    }
    if (valid === true) accepted += 1
    const exception = exceptions.find((e) => e.matches(row))
    const told = `${row.category}: ${row.group}: ${row.description}: ${String(valid)}`
    assert.ok(exception !== undefined, told)
    if (exception.outcome !== 'either') assert.equal(valid === true, exception.outcome === 'accepted', told)
    used.set(exception.reason, (used.get(exception.reason) ?? 0) + 1)
  }
  t.diagnostic(`${right} of ${rows.length} cases as expected, ${accepted} wrongly accepted`)
  for (const [reason, count] of used) t.diagnostic(`${count} exceptions: ${reason}`)
  // A wrongly accepted value counts double.
  assert.ok(right - accepted >= rows.length * accuracy)
}

/** True or false; undefined where the schema is refused. */
function isValid(
  row: SchemaRow,
  dialect: Dialect,
  remotes: Readonly<Record<string, unknown>>,
): boolean | undefined {
  const report = new Report()
  const store = new SchemaStore(report, dialect)
  const source = (uri: string, value: unknown) => ({
    file: 'case',
    uri,
    value,
    length: 0,
    place: (pointer: string) => ({ file: 'case', pointer }),
  })
  if (row.needs_remote)
    for (const [uri, value] of Object.entries(remotes)) store.resourceOf(source(uri, structuredClone(value)))
  store.add(row.schema, store.resourceOf(source('https://case.invalid/schema', row.schema)), '')
  store.settle()
  cutSchemaLoops(store, report)
  if (report.errors > 0) return undefined
  return judge(new Validators(store).unit(row.schema, 'request'), row.data, '').length === 0
}

test('JSON-Schema-Test-Suite 2020-12', (t) => run(t, 'jsonschema_2020_12', '2020-12', 0.97))
test('JSON-Schema-Test-Suite draft 7', (t) => run(t, 'jsonschema_draft7', 'draft-7', 0.97))
test('JSON-Schema-Test-Suite draft 4', (t) => run(t, 'jsonschema_draft4', 'draft-4', 0.96))
