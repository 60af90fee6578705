import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { Unusable } from '../kernel/finding.ts'
import type { Config } from './config.ts'
import { parseConfig } from './load-config.ts'

const folder = mkdtempSync(join(tmpdir(), 'sallyport-workers-'))
after(() => rmSync(folder, { recursive: true }))
writeFileSync(join(folder, 'api.yaml'), '{}')

const spreads = process.platform === 'linux' || process.platform === 'freebsd'

function configOf(workers: string, api = 'contract: api.yaml'): Config {
  return parseConfig(
    `listen: [{ address: 127.0.0.1:0 }]
${workers}
issuers:
  i: { issuer: https://id.example, audience: api, algorithms: [ES256] }
apis:
  a: { ${api}, upstream: http://127.0.0.1:4000 }
`,
    join(folder, 'sallyport.yaml'),
    {},
  ).config
}

test('one worker unless written; auto is one a core', { skip: !spreads && 'not on this kernel' }, () => {
  assert.equal(configOf('').workers, 1)
  assert.equal(configOf('workers: 3').workers, 3)
  assert.equal(configOf('workers: auto').workers, availableParallelism())
  assert.throws(() => configOf('workers: 0'), Unusable)
  assert.throws(() => configOf('workers: 1.5'), Unusable)
})

test('what one thread alone can keep is refused with several', () => {
  const rulesOf = (api: string): readonly string[] => {
    try {
      configOf('workers: 2', api)
      return []
    } catch (error) {
      if (error instanceof Unusable) return error.findings.map(({ rule }) => rule)
      throw error
    }
  }
  assert.deepEqual(rulesOf('contract: api.yaml'), spreads ? [] : ['config.workers'])
  assert.ok(rulesOf('kind: mcp').includes('config.workers'))
})
