import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { Ajv } from 'ajv'
import formats from 'ajv-formats'
import { run } from './test-bed/binary.ts'
import { contract } from './test-bed/contract.ts'

const folder = mkdtempSync(join(tmpdir(), 'sallyport-audit-'))
after(() => rmSync(folder, { recursive: true }))
writeFileSync(join(folder, 'small.openapi.yaml'), contract)
interface SarifLog {
  readonly runs: readonly {
    readonly tool: {
      readonly driver: {
        readonly rules: readonly {
          readonly id: string
          readonly helpUri: string
          readonly properties: { readonly tags: readonly string[] }
        }[]
      }
    }
    readonly results: readonly {
      readonly ruleId: string
      readonly ruleIndex: number
      readonly partialFingerprints: Readonly<Record<string, string>>
      readonly locations: readonly {
        readonly physicalLocation: {
          readonly region: {
            readonly startLine: number
            readonly startColumn: number
            readonly endLine: number
            readonly endColumn: number
          }
        }
      }[]
    }[]
  }[]
}

const audit = (...args: string[]): ReturnType<typeof run> => run(folder, ['audit', ...args])

test('text: level, rule, place with excerpt, the lines to write, score by risk; exit 1', () => {
  const { code, out, err } = audit('small.openapi.yaml')
  assert.equal(code, 1)
  assert.match(out, /^high API1 .* \[object-without-rule\] \(\d\)$/m)
  assert.match(out, /^ {2}small\.openapi\.yaml:\d+:\d+: GET \/bookings\/\{bookingId\} names a booking/m)
  assert.match(out, /^ +booking: \{ id: path\.bookingId, /m)
  assert.match(out, /^API1 +Broken object level authorization +\d+ +\d+$/m)
  assert.match(out, /^score \d+ of 100: small\.openapi\.yaml, OpenAPI 3\.1, 4 operations$/m)
  assert.match(err, /\d+ errors?, .*score \d+/)
  assert.ok(!out.includes('\u001b'))
})

test('exit codes: 0 where nothing weighs enough, 1 below a score, 2 where there is no document', () => {
  assert.equal(audit('small.openapi.yaml', '--fail-on', 'none').code, 0)
  assert.equal(audit('small.openapi.yaml', '--fail-on', 'none', '--min-score', '99').code, 1)
  assert.equal(audit('missing.yaml').code, 2)
  writeFileSync(join(folder, 'broken.yaml'), 'openapi: 3.1.0\ninfo: [\n')
  const broken = audit('broken.yaml')
  assert.equal(broken.code, 2)
  assert.match(broken.err, /broken\.yaml:\d+:\d+: error/)
  for (const wrong of [
    ['--format', 'xml'],
    ['--fail-on', 'x'],
    ['--min-score', '101'],
    ['--explain', 'no-such'],
  ])
    assert.equal(audit('small.openapi.yaml', ...wrong).code, 2, wrong.join(' '))
})

test('SARIF is valid against the published schema of 2.1.0, with regions, help, tags and fingerprints', () => {
  const file = new URL('../../test/support/sarif-2.1.0.schema.json', import.meta.url)
  const {
    $schema: _draft,
    id: _id,
    ...schema
  } = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>
  const ajv = new Ajv({ strict: false, unicodeRegExp: false })
  formats.default(ajv)
  const validate = ajv.compile(schema)
  const log = JSON.parse(audit('small.openapi.yaml', '--format', 'sarif').out) as SarifLog
  assert.ok(validate(log as unknown), JSON.stringify(validate.errors?.slice(0, 3)))
  assert.ok(!validate({ version: '2.1.0' }), 'the schema refuses what is no SARIF')
  for (const { tool, results } of log.runs)
    for (const { ruleId, ruleIndex, locations, partialFingerprints } of results) {
      const region = locations[0]?.physicalLocation.region
      assert.ok(region !== undefined && region.startLine >= 1)
      assert.ok(region.endLine > region.startLine || region.endColumn > region.startColumn)
      assert.match(partialFingerprints['sallyport/v1'] ?? '', /^[0-9a-f]{32,}$/)
      const rule = tool.driver.rules[ruleIndex]
      assert.equal(rule?.id, ruleId)
      assert.match(rule?.helpUri ?? '', /^https:\/\/owasp\.org\//)
      assert.ok(rule?.properties.tags.some((tag) => tag.startsWith('external/cwe/cwe-')))
    }
})

test('JSON, JUnit and Markdown; the same contract gives the same bytes', () => {
  const json = audit('small.openapi.yaml', '--format', 'json').out
  assert.equal(audit('small.openapi.yaml', '--format', 'json').out, json)
  const { score, findings } = JSON.parse(json)
  assert.ok(score.total <= 79 && score.risks.API1.score < 100)
  for (const { pointer, line } of findings) assert.ok(typeof pointer === 'string' && line > 0)
  const junit = audit('small.openapi.yaml', '--format', 'junit').out
  assert.match(junit, /^<\?xml [^>]+>\n<testsuites tests="\d+" failures="\d+">/)
  const markdown = audit('small.openapi.yaml', '--format', 'markdown').out
  assert.match(markdown, /^# Audit of small\.openapi\.yaml\n\nScore \*\*\d+\*\* of 100\./)
})

test('a baseline, an ignore file beside the document, and a policy count', () => {
  assert.equal(audit('small.openapi.yaml', '--write-baseline', 'base.json', '--fail-on', 'none').code, 0)
  const known = audit('small.openapi.yaml', '--baseline', 'base.json')
  assert.equal(known.code, 0, known.err)
  assert.match(known.err, /nothing to report, score \d+, \d+ in the baseline/)
  writeFileSync(
    join(folder, '.sallyport-audit.yaml'),
    'ignore:\n  - { rule: object-without-rule, at: "/paths/**", reason: the API checks it itself, until: 2099-01-01 }\n',
  )
  assert.doesNotMatch(audit('small.openapi.yaml').out, /object-without-rule/)
  rmSync(join(folder, '.sallyport-audit.yaml'))
  assert.equal(
    run(folder, ['init', 'small.openapi.yaml', '--upstream', 'http://127.0.0.1:1', '--force']).code,
    0,
  )
  const guarded = audit('small.openapi.yaml', '--config', 'sallyport.yaml').out
  assert.doesNotMatch(guarded, /names a user by `userId`/)
  assert.match(guarded, /names a booking by `bookingId`/)
})

test('--fix writes what is safe, keeps comments and line ends, and check accepts the result', () => {
  const text = `\uFEFF# first\n${contract}`.replaceAll('\n', '\r\n')
  writeFileSync(join(folder, 'fixed.yaml'), text)
  const { err } = audit('fixed.yaml', '--fix', '--fail-on', 'none')
  assert.match(err, /wrote fixed\.yaml/)
  assert.match(err, /[1-9]\d* changes written/)
  const fixed = readFileSync(join(folder, 'fixed.yaml'), 'utf8')
  assert.ok(fixed.startsWith('\uFEFF# first\r\n'))
  assert.ok(!/[^\r]\n/.test(fixed))
  assert.match(fixed, /"429": \{ "?\$ref"?: "?#\/components\/responses\/TooManyRequests"? \}/)
  const again = audit('fixed.yaml', '--fix', '--fail-on', 'none')
  assert.match(again.err, /: 0 changes written/)
  assert.equal(
    run(folder, ['init', 'fixed.yaml', '--upstream', 'http://127.0.0.1:1', '--out', 'fixed.sallyport.yaml'])
      .code,
    0,
  )
  assert.equal(run(folder, ['check', '--config', 'fixed.sallyport.yaml']).code, 0)
})

test('--explain tells a rule with its examples', () => {
  const { code, out } = audit('--explain', 'http-basic')
  assert.equal(code, 0)
  assert.match(out, /CWE-522/)
  assert.match(out, /scheme: basic/)
})

test('no secret of an example reaches a report', () => {
  const secret = ['AKIA', 'QWERTYUIOPASDFGH'].join('')
  writeFileSync(
    join(folder, 'leak.yaml'),
    `openapi: 3.1.0\ninfo: { title: T, version: "1" }\ncomponents:\n  schemas:\n    A: { type: string, maxLength: 99, example: ${secret} }\n`,
  )
  for (const format of ['text', 'json', 'sarif', 'junit', 'markdown']) {
    const { out } = audit('leak.yaml', '--format', format, '--all')
    assert.match(out, /secret-in-example/)
    assert.ok(!out.includes(secret), format)
  }
})
