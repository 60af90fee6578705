import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Finding } from '../kernel/finding.ts'
import { excerpt } from './excerpt.ts'
import { printable } from './printable.ts'
import { renderFindings } from './render-findings.ts'
import { renderTable } from './render-table.ts'
import { reportFormats } from './report-options.ts'

const findings: readonly Finding[] = [
  {
    rule: 'b.two',
    severity: 'warning',
    message: 'odd <thing> & "more"',
    place: { file: '/x/b.yaml', line: 2, column: 3, pointer: '/a' },
  },
  {
    rule: 'a.one',
    severity: 'error',
    message: 'wrong',
    place: { file: '/x/a file.yaml', line: 1, column: 5 },
    fix: 'write right',
  },
  { rule: 'c.three', severity: 'note', message: 'by the way' },
  {
    rule: 'b.two',
    severity: 'warning',
    message: 'odd <thing> & "more"',
    place: { file: '/x/b.yaml', line: 9, column: 3, pointer: '/a' },
  },
]
const options = { base: '/x', source: () => 'abc: defgh\n  password: hunter2\n', version: '1.2.3' }

test('text: place, severity, rule, excerpt with caret, fix', () => {
  const text = renderFindings(findings, 'text', options)
  assert.ok(
    text.includes(
      'a file.yaml:1:5: error: wrong [a.one]\n  1 | abc: defgh\n    |     ^\n  fix: write right\n',
    ),
  )
  assert.ok(text.includes('note: by the way [c.three]'))
  assert.ok(!text.includes('\u001b'))
  assert.ok(renderFindings(findings, 'text', { ...options, colour: true }).includes('\u001b['))
})

test('no order of findings changes a report', () => {
  for (const format of reportFormats)
    assert.equal(
      renderFindings([...findings].reverse(), format, options),
      renderFindings(findings, format, options),
    )
})

test('a secret that stands in the line is blotted out', () => {
  const text = renderFindings(findings, 'text', options)
  assert.ok(!text.includes('hunter2'))
  assert.ok(text.includes('password: •••••••'))
  for (const line of ['secret: "abc def"', "{ clientSecret: 'abc' }", 'token: abc', 'privateKey: abc'])
    assert.ok(!excerpt(line, 1, 1).join('\n').includes('abc'), line)
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the syntax of sallyport.yaml
  assert.ok(excerpt('secret: "${NAME}"', 1, 1).join('\n').includes('NAME'))
})

test('a long line is shown around its column', () => {
  const [line = '', caret = ''] = excerpt(`${'x'.repeat(500)}HERE${'y'.repeat(500)}`, 1, 501)
  assert.ok(line.length < 120)
  assert.equal(line.slice(caret.indexOf('^'), caret.indexOf('^') + 4), 'HERE')
})

test('nothing that a terminal would act upon gets through', () => {
  assert.equal(
    printable('a\u001b[2Jb\u0007\u202ec\u2066\u009b\r'),
    'a\uFFFD[2Jb\uFFFD\uFFFDc\uFFFD\uFFFD\uFFFD',
  )
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (message, file) => {
      const finding: Finding = {
        rule: 'r',
        severity: 'error',
        message,
        fix: message,
        place: { file, line: 1, column: 1 },
      }
      const text = renderFindings([finding], 'text', { source: () => message })
      assert.doesNotMatch(text, /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e]/)
    }),
  )
})

test('SARIF 2.1.0: rules, regions, stable fingerprints, relative URIs', () => {
  const log = JSON.parse(renderFindings(findings, 'sarif', options))
  assert.equal(log.version, '2.1.0')
  assert.match(log.$schema, /sarif-2\.1\.0/)
  const [run] = log.runs
  assert.deepEqual(
    run.tool.driver.rules.map((rule: { id: string }) => rule.id),
    ['a.one', 'b.two', 'c.three'],
  )
  assert.equal(run.tool.driver.semanticVersion, '1.2.3')
  assert.equal(run.results.length, 4)
  for (const result of run.results) {
    assert.equal(run.tool.driver.rules[result.ruleIndex].id, result.ruleId)
    assert.match(result.level, /^(error|warning|note)$/)
    assert.match(result.partialFingerprints['sallyport/v1'], /^[0-9a-f]{64}$/)
  }
  const one = run.results.find((result: { ruleId: string }) => result.ruleId === 'a.one')
  assert.deepEqual(one.locations[0].physicalLocation, {
    artifactLocation: { uri: 'a%20file.yaml' },
    region: { startLine: 1, startColumn: 5 },
  })
  const prints = run.results.map((result: { partialFingerprints: object }) =>
    JSON.stringify(result.partialFingerprints),
  )
  assert.equal(new Set(prints).size, 4)
  const moved = findings.map((finding) =>
    finding.place === undefined
      ? finding
      : { ...finding, place: { ...finding.place, line: (finding.place.line ?? 0) + 7 } },
  )
  const again = JSON.parse(renderFindings(moved, 'sarif', options)).runs[0].results
  assert.deepEqual(
    again.map((r: { partialFingerprints: object }) => JSON.stringify(r.partialFingerprints)),
    prints,
  )
})

test('JUnit is well-formed; notes pass', () => {
  const xml = renderFindings(findings, 'junit', options)
  assert.ok(xml.startsWith('<?xml version="1.0" encoding="UTF-8"?>\n<testsuites tests="4" failures="3">'))
  assert.ok(xml.includes('odd &lt;thing&gt; &amp; &quot;more&quot;'))
  assert.equal(xml.match(/<failure /g)?.length, 3)
  assert.ok(renderFindings([], 'junit').includes('no findings'))
})

test('JSON has a summary', () => {
  assert.deepEqual(JSON.parse(renderFindings(findings, 'json', options)).summary, {
    error: 1,
    warning: 2,
    note: 1,
  })
})

test('a table is aligned', () => {
  assert.equal(renderTable(['a', 'long'], [['xyz', '1'], ['é']]), 'a    long\n---  ----\nxyz  1\né\n')
})
