import assert from 'node:assert/strict'
import { test } from 'node:test'
import { auditText } from './audit-input.ts'
import { riskNames } from './risk.ts'
import type { Rule } from './rule.ts'
import { auditRules } from './rules/all-rules.ts'
import { runAudit } from './run-audit.ts'

const head = 'openapi: 3.1.0\ninfo: { title: T, version: "1" }\n'

function findingsOf(rule: Rule, fixture: string): readonly string[] {
  const text = /^(?:openapi|swagger):/.test(fixture) ? fixture : head + fixture
  return runAudit(auditText(text, 'fixture.yaml')).findings.flatMap((finding) =>
    finding.rule === rule.id ? [finding.place.pointer] : [],
  )
}

for (const rule of auditRules)
  test(`${rule.id} finds its failing document and accepts its passing one`, () => {
    assert.equal(findingsOf(rule, rule.failing).length > 0, true, 'the failing document passes')
    assert.deepEqual(findingsOf(rule, rule.passing), [], 'the passing document fails')
  })

test('at least 60 rules, each named once, over all ten risks; texts and links are there', (t) => {
  assert.ok(auditRules.length >= 60)
  assert.equal(new Set(auditRules.map(({ id }) => id)).size, auditRules.length)
  assert.deepEqual(new Set(auditRules.map(({ risk }) => risk)), new Set(riskNames))
  for (const rule of auditRules) {
    assert.match(rule.id, /^[a-z0-9]+(?:-[a-z0-9]+)*$/)
    assert.ok(rule.rationale.length > 30 && rule.remedy.length > 8 && rule.title.length > 4, rule.id)
    assert.ok(rule.cwe.length > 0, rule.id)
  }
  t.diagnostic(`${auditRules.length} rules`)
})
