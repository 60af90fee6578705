import assert from 'node:assert/strict'
import { test } from 'node:test'
import { auditText } from '../../src/audit/audit-input.ts'
import { runAudit } from '../../src/audit/run-audit.ts'
import { type CaseRow, readCases } from '../cases.ts'
import { checkovRules, spectralRules } from '../support/lint-rule-names.ts'

interface LintRow extends CaseRow {
  readonly rule: string
  readonly name?: string
  readonly document?: unknown
  readonly document_text?: string
  readonly expected: {
    readonly finding: boolean
    readonly errors?: readonly { readonly path: readonly string[] }[]
  }
}

function pointersOf(row: LintRow, rule: string): ReadonlySet<string> {
  const text = row.document_text ?? JSON.stringify(row.document, null, 2)
  const { findings } = runAudit(auditText(text, 'case'))
  return new Set(findings.flatMap((one) => (one.rule === rule ? [one.place.pointer] : [])))
}

function pointerOf(path: readonly string[]): string {
  return path.map((token) => `/${token.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}

test('the OWASP ruleset’s own cases: the same findings on the same paths, none on what it accepts', (t) => {
  const rows = readCases<LintRow>(t, 'lint/spectral_owasp')
  const rules = new Set<string>()
  let invalid = 0
  let valid = 0
  for (const row of rows) {
    const rule = spectralRules.get(row.rule)
    assert.ok(rule !== undefined, `${row.rule} has no rule of ours`)
    rules.add(row.rule)
    const expected = new Set((row.expected.errors ?? []).map(({ path }) => pointerOf(path)))
    assert.deepEqual([...pointersOf(row, rule)].sort(), [...expected].sort(), `${row.rule}: ${row.name}`)
    if (row.expected.finding) invalid += 1
    else valid += 1
  }
  if (rows.length > 0)
    t.diagnostic(
      `${invalid} of ${invalid} invalid found on their paths, ${valid} of ${valid} valid accepted, ${rules.size} rules`,
    )
})

test('the cases of Checkov: a finding for each that fails there, none for each that passes', (t) => {
  const rows = readCases<LintRow>(t, 'lint/checkov_openapi')
  let failing = 0
  let passing = 0
  for (const row of rows) {
    const rule = checkovRules.get(row.rule)
    assert.ok(rule !== undefined, `${row.rule} has no rule of ours`)
    assert.equal(pointersOf(row, rule).size > 0, row.expected.finding, `${row.rule} ${row.id}`)
    if (row.expected.finding) failing += 1
    else passing += 1
  }
  if (rows.length > 0)
    t.diagnostic(`${failing} of ${failing} failing found, ${passing} of ${passing} passing accepted`)
})
