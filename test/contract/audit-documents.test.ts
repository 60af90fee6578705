import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import fc from 'fast-check'
import { auditText, openAudit } from '../../src/audit/audit-input.ts'
import { auditContract } from '../../src/audit/audit-report.ts'
import { auditFormats, renderAudit } from '../../src/audit/report/render-audit.ts'
import { runAudit } from '../../src/audit/run-audit.ts'
import { Unusable } from '../../src/kernel/finding.ts'
import { type CaseRow, readCases } from '../cases.ts'
import { busyTime } from '../support/busy-time.ts'
import { documentFile } from '../support/document-file.ts'

interface DocumentRow extends CaseRow {
  readonly path: string
  readonly format: string
  readonly document?: string
  readonly document_file?: string
  readonly expected: { readonly operations: number }
}

const folder = mkdtempSync(join(tmpdir(), 'audited-'))
after(() => rmSync(folder, { recursive: true }))
const today = '2026-11-24'
/** Shared machines are slower than the promise's. */
const slack = 3

test('real documents: no crash, every operation judged, every finding with a place that exists', (t) => {
  const rows = readCases<DocumentRow>(t, 'openapi/openapi_docs')
  let findings = 0
  let slowest = 0
  for (const row of rows) {
    const started = performance.now()
    const report = auditContract({ file: documentFile(row), today })
    slowest = Math.max(slowest, performance.now() - started)
    assert.equal(report.operations, row.expected.operations, row.path)
    assert.ok(report.findings.length > 0 && report.score.total < 100, row.path)
    for (const { place, source } of report.findings.slice(0, 2_000)) {
      findings += 1
      assert.ok(place.line !== undefined && place.line > 0, row.path)
      assert.ok(report.input.index(source).find(place.pointer) !== undefined, `${row.path} ${place.pointer}`)
    }
    assert.deepEqual(
      report.remarks.filter(({ severity }) => severity === 'error'),
      [],
      row.path,
    )
  }
  if (rows.length > 0)
    t.diagnostic(`${rows.length} documents, ${findings} places looked up, slowest ${Math.round(slowest)} ms`)
})

test('vulnerable by design: errors are found', (t) => {
  const rows = readCases<DocumentRow>(t, 'openapi/openapi_docs').filter(({ category }) =>
    /vulnerable/.test(category),
  )
  for (const row of rows) {
    const { findings } = auditContract({ file: documentFile(row), today })
    assert.ok(
      findings.some(({ severity }) => severity === 'error'),
      row.path,
    )
  }
  t.diagnostic(`${rows.length} documents`)
})

function timed(run: () => void, limitMs: number, what: string): void {
  const { ms } = busyTime(run)
  assert.ok(ms < limitMs * slack, `${what} took ${Math.round(ms)} ms`)
}

function generated(schemas: number, operations: number): string {
  const ref = (i: number): object => ({ $ref: `#/components/schemas/S${i % schemas}` })
  const components = Object.fromEntries(
    Array.from({ length: schemas }, (_, i) => [
      `S${i}`,
      {
        type: 'object',
        description: 'd'.repeat(120),
        properties: {
          id: { type: 'string', format: 'uuid' },
          name: { type: 'string', pattern: '^[a-z]+$' },
          quantity: { type: 'integer' },
          next: ref(i + 1),
          list: { type: 'array', items: ref(i * 7 + 3) },
        },
      },
    ]),
  )
  const paths = Object.fromEntries(
    Array.from({ length: operations }, (_, i) => [
      `/r${i}/{id}`,
      {
        post: {
          operationId: `op${i}`,
          parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'integer' } }],
          requestBody: { content: { 'application/json': { schema: ref(i * 20) } } },
          responses: { 200: { description: '', content: { 'application/json': { schema: ref(i) } } } },
        },
      },
    ]),
  )
  return JSON.stringify(
    { openapi: '3.1.0', info: { title: 'g', version: '1' }, paths, components: { schemas: components } },
    null,
    1,
  )
}

test('5 MB in 5 s, and a report of each kind', (t) => {
  const file = join(folder, 'large.json')
  const text = generated(7_500, 1_200)
  writeFileSync(file, text)
  const { value: report, ms } = busyTime(() => auditContract({ file, today }))
  t.diagnostic(
    `${(text.length / 1e6).toFixed(1)} MB, ${report.findings.length} findings, ${Math.round(ms)} ms`,
  )
  assert.ok(text.length >= 5e6 && report.findings.length > 10_000)
  assert.ok(ms < 5_000 * slack, `${ms} ms`)
  for (const format of auditFormats) timed(() => renderAudit(report, format, { version: '0' }), 5_000, format)
})

test('hostile documents end in 10 s, without a file or host of others', () => {
  const head = 'openapi: 3.1.0\ninfo: { title: T, version: "1" }\n'
  const many = (count: number, one: (i: number) => string): string =>
    Array.from({ length: count }, (_, i) => one(i)).join('\n')
  const cases: Readonly<Record<string, string>> = {
    'references in a circle': `${head}paths: { /a: { $ref: "#/paths/~1b" }, /b: { $ref: "#/paths/~1a" } }\ncomponents: { schemas: { A: { $ref: "#/components/schemas/B" }, B: { $ref: "#/components/schemas/A" } } }`,
    'schemas that contain each other': `${head}components:\n  schemas:\n${many(3_000, (i) => `    S${i}: { type: object, properties: { ${many(8, (k) => `p${k}: { $ref: "#/components/schemas/S${(i * 3 + k * 7) % 3000}" }`).replaceAll('\n', ', ')} } }`)}\npaths: { /a: { post: { requestBody: { content: { application/json: { schema: { $ref: "#/components/schemas/S0" } } } }, responses: { "200": { description: it } } } } }`,
    'deep nesting': `${head}components: { schemas: { A: ${'{ items: '.repeat(150)}{}${' }'.repeat(150)} } }`,
    'patterns against the reader': `${head}components:\n  schemas:\n${many(2_000, (i) => `    S${i}: { type: string, pattern: "^(([a-z]+)+[${i % 10}-9]*)*(x|x)*${'(a?)'.repeat(30)}$" }`)}`,
    'many ambiguous paths': `${head}paths:\n${many(4_000, (i) => `  /{a${i}}/x${i}/{b}/y${i % 7}: { get: { responses: { "200": { description: it } } } }`)}`,
    'long names': `${head}paths: { "/${'a-A'.repeat(50_000)}/{${'Id'.repeat(20_000)}}": { get: { operationId: "${'reset '.repeat(20_000)}", responses: { "200": { description: it } } } } }`,
    'long texts': `${head}tags: [{ name: a, description: "${'at a(at ('.repeat(100_000)}" }]\ncomponents: { schemas: { A: { type: string, example: "${'eyJ'.repeat(100_000)}" } } }`,
    'what is not where it belongs': `${head}servers: 1\nsecurity: x\ntags: {}\npaths: { /a: { get: { parameters: {}, security: [1, null], responses: [], requestBody: 3, tags: 9 }, post: [] }, /b: 7 }\ncomponents: { schemas: [1], securitySchemes: { a: 1, b: { type: oauth2, flows: { implicit: 4, password: { scopes: 3 } } } }, responses: null }`,
    'hosts and files of others': `${head}components: { schemas: { A: { $ref: "https://evil.example/a.yaml" }, B: { $ref: "file:///etc/passwd" }, C: { $ref: "../../../../etc/passwd" }, D: { $ref: "/etc/passwd" } } }\npaths: { /a: { get: { responses: { "200": { $ref: "http://169.254.169.254/" } } } } }`,
    'callbacks within callbacks': `${head}paths: { /a: { post: &o { callbacks: { c: { "{$request.body#/u}": { $ref: "#/paths/~1a" } } }, responses: { "200": { description: it } } } } }`,
  }
  for (const [name, text] of Object.entries(cases)) {
    const file = join(folder, 'hostile.yaml')
    writeFileSync(file, text)
    timed(
      () => {
        const report = auditContract({ file, today })
        for (const format of auditFormats)
          assert.ok(renderAudit(report, format, { version: '0', all: true }).length > 0)
      },
      10_000,
      name,
    )
  }
})

test('what is no contract is refused with a finding: alias bombs, `__proto__`, too large, too deep, not UTF-8', () => {
  const file = join(folder, 'refused.yaml')
  const bomb = `a: &a [x, x, x, x, x, x, x, x, x]\n${'bcdefghi'
    .split('')
    .map((name, i) => `${name}: &${name} [${`*${'abcdefgh'[i]}, `.repeat(9)}x]`)
    .join('\n')}\n`
  for (const text of [
    bomb,
    '{"openapi":"3.1.0","__proto__":{}}',
    `openapi: 3.1.0\na: ${'['.repeat(5_000)}`,
    '',
    '[]',
    'openapi: 4.0.0',
    'null',
    'a: \u0000',
  ]) {
    writeFileSync(file, text)
    timed(
      () => assert.throws(() => runAudit(openAudit(file)), Unusable, text.slice(0, 40)),
      10_000,
      text.slice(0, 40),
    )
  }
  writeFileSync(file, Buffer.from([0x6f, 0xff, 0xfe, 0x00]))
  assert.throws(() => openAudit(file), Unusable)
  truncateSync(file, 50 * 1024 * 1024)
  timed(() => assert.throws(() => openAudit(file), Unusable), 10_000, '50 MB')
})

test('no document makes the audit throw anything but what it says', () => {
  const key = fc.constantFrom(
    ...'paths,/a,/a/{id},get,post,parameters,responses,200,401,429,headers,content,application/json,schema,$ref,security,components,schemas,securitySchemes,flows,implicit,scopes,type,properties,items,allOf,additionalProperties,pattern,format,name,in,servers,url,callbacks,links,tags,x-sallyport,x-sallyport-ignore,example,description'.split(
      ',',
    ),
  )
  const leaf = fc.oneof(
    fc.constantFrom(
      'object',
      'string',
      'integer',
      'array',
      'query',
      'path',
      'userId',
      'http://a',
      '#/components',
      '#/paths/~1a',
      '^(a+)+$',
      'oauth2',
      'apiKey',
    ),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
  )
  const value = fc.letrec((tie) => ({
    any: fc.oneof(
      { depthSize: 'medium' },
      leaf,
      fc.array(tie('any'), { maxLength: 3 }),
      fc.dictionary(key, tie('any'), { maxKeys: 5 }),
    ),
  })).any
  fc.assert(
    fc.property(
      fc.constantFrom({ openapi: '3.0.0' }, { openapi: '3.1.0' }, { swagger: '2.0' }),
      fc.dictionary(key, value, { maxKeys: 6 }),
      (version, body) => {
        const text = JSON.stringify({ ...body, ...version })
        const first = runAudit(auditText(text, 'a.json')).findings.map(({ fingerprint }) => fingerprint)
        assert.deepEqual(
          runAudit(auditText(text, 'a.json')).findings.map(({ fingerprint }) => fingerprint),
          first,
        )
      },
    ),
    { numRuns: 300 },
  )
})
