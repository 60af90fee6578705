import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { compilePolicy } from '../../src/app/policy/compile-policy.ts'
import { auditText } from '../../src/audit/audit-input.ts'
import { auditRules } from '../../src/audit/rules/all-rules.ts'
import { runAudit } from '../../src/audit/run-audit.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import { type Finding, Unusable } from '../../src/kernel/finding.ts'

/** The lines that a finding says to write into sallyport.yaml are taken by the gate as they are. */

const folder = mkdtempSync(join(tmpdir(), 'policy-lines-'))
after(() => rmSync(folder, { recursive: true }))
const head = 'openapi: 3.1.0\ninfo: { title: T, version: "1" }\n'

async function refusals(document: string, lines: string): Promise<readonly Finding[]> {
  const config = join(folder, 'sallyport.yaml')
  writeFileSync(join(folder, 'api.yaml'), document)
  writeFileSync(
    config,
    `listen: [{ address: 127.0.0.1:8080 }]
issuers: { a: { issuer: https://id.example, audience: x, algorithms: [ES256] } }
apis:
  api:
    contract: api.yaml
    upstream: http://127.0.0.1:1
${lines}
`,
  )
  try {
    const { findings } = await compilePolicy(await loadConfig(config, {}), { budgetMs: 0 })
    return findings.filter(({ severity }) => severity === 'error')
  } catch (error) {
    assert.ok(error instanceof Unusable, String(error))
    return error.findings.filter(({ severity }) => severity === 'error')
  }
}

test('every line of policy in a fix is one that sallyport.yaml takes', async (t) => {
  let tried = 0
  for (const rule of auditRules) {
    const document = /^(?:openapi|swagger):/.test(rule.failing) ? rule.failing : head + rule.failing
    for (const { rule: id, repair } of runAudit(auditText(document, 'a.yaml')).findings) {
      if (id !== rule.id || repair?.text.startsWith('in sallyport.yaml') !== true) continue
      const lines = repair.text.split('\n').slice(1).join('\n')
      // A contract without its schemes would be refused for that alone.
      const found = (await refusals(document, lines)).filter(
        ({ rule: code }) => !/^(?:contract\.security|config\.not-supported)/.test(code),
      )
      assert.deepEqual(
        found.map(({ message }) => message),
        [],
        `${rule.id}:\n${lines}`,
      )
      tried += 1
    }
  }
  t.diagnostic(`${tried} fixes`)
  assert.ok(tried > 10)
})

test('the same for schemas that have a name', async (t) => {
  const document = `openapi: 3.1.0
info: { title: T, version: "1" }
components:
  securitySchemes: { bearerAuth: { type: http, scheme: bearer } }
  schemas:
    Order: { type: object, properties: { addressId: { type: string }, userId: { type: string }, role: { type: string }, cvv: { type: string } } }
security: [{ bearerAuth: [] }]
paths:
  /orders:
    post:
      requestBody: { content: { application/json: { schema: { $ref: "#/components/schemas/Order" } } } }
      responses: { "201": { description: made, content: { application/json: { schema: { $ref: "#/components/schemas/Order" } } } } }
`
  const lines = new Set(
    runAudit(auditText(document, 'a.yaml')).findings.flatMap(({ repair }) =>
      repair?.text.startsWith('in sallyport.yaml') === true
        ? [repair.text.split('\n').slice(1).join('\n')]
        : [],
    ),
  )
  for (const one of lines)
    assert.deepEqual(
      (await refusals(document, one)).map(({ message }) => message),
      [],
      one,
    )
  t.diagnostic(`${lines.size} fixes`)
  assert.ok(lines.size >= 4)
})
