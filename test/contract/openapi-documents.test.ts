import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { readContract } from '../../src/contract/load-contract.ts'
import { type CaseRow, readCases } from '../cases.ts'

interface DocumentRow extends CaseRow {
  readonly repo: string
  readonly path: string
  readonly format: string
  readonly document?: string
  readonly document_file?: string
  readonly expected: { readonly operations: number }
}

/** Documents that a gateway must not serve as they are: what is wrong with each is told, its operations are still found. */
const unusable: Readonly<Record<string, { readonly rules: readonly string[]; readonly reason: string }>> = {
  'model/test_files/badref-burgershop.openapi.yaml': {
    rules: ['contract.reference'],
    reason: 'dangling references, on purpose',
  },
  'definitions/conversation.yml': {
    rules: ['contract.reference'],
    reason: 'refers to files that are not part of the case',
  },
  'definitions/application.v2.yml': {
    rules: ['contract.reference'],
    reason: 'refers to files that are not part of the case',
  },
  'openapi-swagger/scout-api.json': {
    rules: ['contract.operation-duplicate', 'contract.path-parameter'],
    reason: 'one operationId for several operations, parameters that no template has',
  },
  'js_npm/rest/disease-sh-api/src/swagger.json': {
    rules: ['contract.template-duplicate'],
    reason: 'two templates for the same paths',
  },
  'xero_files.yaml': { rules: ['contract.template-duplicate'], reason: 'two templates for the same paths' },
  'resources/pets.yaml': {
    rules: ['contract.schema'],
    reason: 'a pattern with lookahead in its middle has no linear form',
  },
}

const folder = mkdtempSync(join(tmpdir(), 'documents-'))
after(() => rmSync(folder, { recursive: true }))
before(() => assert.ok(folder))

const casesFolder =
  process.env['SALLYPORT_CASES'] ?? fileURLToPath(new URL('../../../shared/cases', import.meta.url))

function fileOf(row: DocumentRow): string {
  const file = join(folder, `${row.id.replaceAll(/\W/g, '_')}.${row.format}`)
  const text =
    row.document ??
    gunzipSync(readFileSync(join(casesFolder, 'openapi/large', basename(row.document_file ?? '')))).toString()
  writeFileSync(file, text)
  return file
}

test('real documents: every operation is found, what is wrong is told with its place', (t) => {
  const rows = readCases<DocumentRow>(t, 'openapi/openapi_docs')
  let told = 0
  for (const row of rows) {
    const contract = readContract({ file: fileOf(row), api: 'case', budgetMs: 0 })
    assert.equal(contract.operations.length, row.expected.operations, row.path)
    const errors = contract.findings.filter((f) => f.severity === 'error')
    const known = unusable[row.path]
    const rules = new Set(errors.map((f) => f.rule))
    assert.deepEqual([...rules], known?.rules ?? [], `${row.path}: ${errors[0]?.message ?? 'no error'}`)
    if (known !== undefined) told += 1
    for (const { place } of errors) {
      assert.ok(place !== undefined && (place.line ?? 0) > 1, row.path)
    }
  }
  if (rows.length > 0) t.diagnostic(`${rows.length} documents, ${told} of them refused with reason`)
})

/** Loads in a process of its own, so that memory is that of the load alone. */
function measured(file: string): { ms: number; rss: number; deferred: number } {
  const url = new URL('../../src/contract/load-contract.ts', import.meta.url).href
  const script = `const { readContract } = await import(${JSON.stringify(url)}); const t = performance.now(), cpu = process.cpuUsage();
    const c = readContract({ file: ${JSON.stringify(file)}, api: 'a' });
    const { user, system } = process.cpuUsage(cpu);
    console.log(JSON.stringify({ ms: Math.min(performance.now() - t, (user + system) / 1000), rss: process.memoryUsage().rss / 1048576, deferred: c.deferred }))`
  return JSON.parse(
    execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' }),
  ) as ReturnType<typeof measured>
}

test('large documents load in 3 s and 600 MB', (t) => {
  const rows = readCases<DocumentRow>(t, 'openapi/openapi_docs').filter((r) => r.document_file !== undefined)
  for (const row of rows) {
    const { ms, rss, deferred } = measured(fileOf(row))
    t.diagnostic(
      `${row.repo} ${row.path}: ${Math.round(ms)} ms, ${Math.round(rss)} MB, ${deferred} schemas compiled on first use`,
    )
    assert.ok(ms < 3_000 * slack && rss < 600, `${row.path}: ${ms} ms, ${rss} MB`)
  }
})

/** Shared machines are slower than the promise's. */
const slack = 2

test('10,000 schemas that refer to each other without end load in 3 s and 600 MB', (t) => {
  const count = 10_000
  const ref = (i: number): object => ({ $ref: `#/components/schemas/Schema${i % count}` })
  const schemas = Object.fromEntries(
    Array.from({ length: count }, (_, i) => [
      `Schema${i}`,
      {
        type: 'object',
        description: 'd'.repeat(100),
        required: ['id'],
        properties: {
          id: { type: 'string', format: 'uuid' },
          name: { type: 'string', maxLength: 40, pattern: '^[a-z]+$' },
          self: ref(i),
          next: ref(i + 1),
          list: { type: 'array', items: ref(i * 7 + 3) },
        },
      },
    ]),
  )
  const paths = Object.fromEntries(
    Array.from({ length: 500 }, (_, i) => [
      `/r${i}`,
      {
        post: {
          operationId: `op${i}`,
          requestBody: { content: { 'application/json': { schema: ref(i * 20) } } },
          responses: { 200: { description: '', content: { 'application/json': { schema: ref(i) } } } },
        },
      },
    ]),
  )
  const file = join(folder, 'generated.json')
  const text = JSON.stringify(
    { openapi: '3.1.0', info: { title: 'g', version: '1' }, paths, components: { schemas } },
    null,
    1,
  )
  writeFileSync(file, text)
  const { ms, rss, deferred } = measured(file)
  t.diagnostic(
    `${(text.length / 1e6).toFixed(1)} MB: ${Math.round(ms)} ms, ${Math.round(rss)} MB, ${deferred} schemas compiled on first use`,
  )
  assert.ok(ms < 3_000 * slack && rss < 600, `${ms} ms, ${rss} MB`)
})
