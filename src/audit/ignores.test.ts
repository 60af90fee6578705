import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { Unusable } from '../kernel/finding.ts'
import { auditContract } from './audit-report.ts'
import { readBaseline, renderBaseline } from './baseline.ts'
import { readIgnoreFile } from './ignore-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'audit-'))
after(() => rmSync(folder, { recursive: true }))

function write(name: string, text: string): string {
  const file = join(folder, name)
  writeFileSync(file, text)
  return file
}

const contract = write(
  'a.yaml',
  'openapi: 3.1.0\ninfo: { title: T, version: "1" }\ncomponents: { schemas: { A: { type: string }, B: { type: string } } }\n',
)
const today = '2026-11-24'
const at = (
  rule: string,
  findings: readonly { rule: string; place: { pointer: string } }[],
): readonly string[] => findings.filter((one) => one.rule === rule).map(({ place }) => place.pointer)

test('an entry of the file takes its finding out until its day; the score no longer counts it', () => {
  const entry = (until: string): ReturnType<typeof readIgnoreFile> =>
    readIgnoreFile(
      write(
        'i.yaml',
        `ignore:\n  - { rule: string-without-length, at: /components/schemas/A, reason: free text, until: ${until} }\n`,
      ),
    )
  const report = auditContract({ file: contract, today, ignores: entry('2026-11-24') })
  assert.deepEqual(at('string-without-length', report.findings), ['/components/schemas/B'])
  assert.equal(report.ignored[0]?.ignore.reason, 'free text')
  assert.ok(report.score.total >= auditContract({ file: contract, today }).score.total)
  const over = auditContract({ file: contract, today, ignores: entry('2026-11-23') })
  assert.equal(at('string-without-length', over.findings).length, 2)
  assert.deepEqual(
    over.remarks.map(({ rule }) => rule),
    ['ignore-expired'],
  )
})

test('`x-sallyport-ignore` holds for what is below it; an unused entry is told', () => {
  const file = write(
    'x.yaml',
    `openapi: 3.1.0
info: { title: T, version: "1" }
components:
  schemas:
    A:
      x-sallyport-ignore: [{ rule: string-without-length, reason: free text, until: 2027-01-01 }]
      type: object
      properties: { a: { type: string } }
    B:
      x-sallyport-ignore: [{ rule: pattern-redos, reason: none here, until: 2027-01-01 }]
      type: string
    C:
      x-sallyport-ignore: [{ rule: no-such-rule, reason: x, until: never }]
      type: boolean
`,
  )
  const report = auditContract({ file, today })
  assert.deepEqual(at('string-without-length', report.findings), ['/components/schemas/B'])
  assert.deepEqual(report.remarks.map(({ rule, place }) => [rule, place?.line]).sort(), [
    ['ignore-invalid', 13],
    ['ignore-unused', 10],
  ])
})

test('a wrong file is refused with line and column', () => {
  for (const [text, line] of [
    ['ignore:\n  - { rule: nope, at: /a, reason: why, until: 2027-01-01 }\n', 2],
    ['ignore:\n  - { rule: http-basic, at: /a, until: 2027-01-01 }\n', 2],
    ['ignore:\n  - { rule: http-basic, at: /a, reason: why }\n', 2],
    ['ignore:\n  - { rule: http-basic, at: a, reason: why, until: 2027-01-01 }\n', 2],
    ['ignore:\n  - { rule: http-basic, at: /a, reason: why, until: 2027-01-01, more: 1 }\n', 2],
    ['ignore: [\n', 2],
    ['other: 1\n', 1],
  ] as const)
    assert.throws(
      () => readIgnoreFile(write('w.yaml', text)),
      (error) => error instanceof Unusable && error.findings[0]?.place?.line === line,
      text,
    )
})

test('a baseline hides what is in it, whatever lines are added above', () => {
  const before = auditContract({ file: contract, today })
  const baseline = readBaseline(write('b.json', renderBaseline(before.standing)))
  assert.deepEqual(auditContract({ file: contract, today, baseline }).findings, [])
  const moved = write(
    'a.yaml',
    `# a line more\nopenapi: 3.1.0\ninfo: { title: T, version: "1" }\ncomponents: { schemas: { A: { type: string }, B: { type: string }, C: { type: string } } }\n`,
  )
  const later = auditContract({ file: moved, today, baseline })
  assert.deepEqual(
    new Set(later.findings.map(({ place }) => place.pointer)),
    new Set(['/components/schemas/C']),
  )
  assert.equal(later.known, before.standing.length)
  assert.throws(() => readBaseline(write('b2.json', '{}')), Unusable)
})
