import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { test } from 'node:test'
import { compilePolicy } from '../../src/app/policy/compile-policy.ts'
import { createDevKeys } from '../../src/cli/create-dev-keys.ts'
import { draftConfig } from '../../src/cli/draft-config.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import { loadContract } from '../../src/contract/load-contract.ts'
import { Unusable } from '../../src/kernel/finding.ts'
import { type CaseRow, readCases } from '../cases.ts'
import { documentFile } from '../support/document-file.ts'

interface DocumentRow extends CaseRow {
  readonly path: string
  readonly format: string
  readonly document?: string
  readonly document_file?: string
}

test('check accepts every file that init writes for a real document', async (t) => {
  const rows = readCases<DocumentRow>(t, 'openapi/openapi_docs')
  if (rows.length === 0) return
  let accepted = 0
  let unusable = 0
  let empty = 0
  let parameters = 0
  let typed = 0
  for (const row of rows) {
    const file = documentFile(row)
    const folder = join(dirname(file), `init-${row.id.replaceAll(/\W/g, '_')}`)
    mkdirSync(folder)
    let contract: ReturnType<typeof loadContract>
    try {
      contract = loadContract({ file, api: 'api', budgetMs: 0 })
    } catch (error) {
      assert.ok(error instanceof Unusable)
      unusable++
      continue
    }
    if (contract.operations.length === 0) {
      empty++
      continue
    }
    const text = draftConfig({
      api: 'api',
      contract: `../${basename(file)}`,
      upstream: 'http://127.0.0.1:4000',
      operations: contract.operations,
      schemes: [...contract.schemes.values()],
      ids: contract.objectIds(),
    })
    const config = join(folder, 'sallyport.yaml')
    writeFileSync(config, text)
    await createDevKeys(join(folder, '.sallyport'))
    const policy = await compilePolicy(await loadConfig(config, {}), { budgetMs: 0 }).catch(
      (error: unknown) => {
        const told =
          error instanceof Unusable ? error.findings.map((one) => one.message).join('; ') : String(error)
        return assert.fail(`${row.path}: ${told}`)
      },
    )
    assert.deepEqual(
      policy.findings.filter((finding) => finding.severity === 'error'),
      [],
      row.path,
    )
    accepted++
    const written = readFileSync(config, 'utf8')
    const types = new Set([...written.matchAll(/^ {6}(?:# )?([A-Za-z][\w-]*): \{/gm)].map(([, name]) => name))
    for (const { parameters: found } of contract.objectIds().operations.values())
      for (const { type } of found) {
        parameters++
        if (types.has(type.normalize('NFD').replace(/[^A-Za-z0-9_-]/g, ''))) typed++
      }
  }
  t.diagnostic(
    `${rows.length} documents: ${accepted} accepted, ${unusable} unusable as contracts, ${empty} without operations`,
  )
  t.diagnostic(`${typed} of ${parameters} typed parameters have an entry under objects`)
  assert.equal(accepted + unusable + empty, rows.length)
  assert.ok(typed / parameters >= 0.95)
})
