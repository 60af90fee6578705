import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { createAccountRepositories } from '../../src/repositories/account-repositories.ts'
import { createSqliteStateStore } from '../../src/stores/sqlite/state-store.ts'
import { accountRepositoriesSuite, type OpenRepositories } from './account-repositories.ts'

const folder = mkdtempSync(join(tmpdir(), 'sallyport-accounts-'))
after(() => rmSync(folder, { recursive: true, force: true }))

async function open(path: string): Promise<OpenRepositories> {
  const store = await createSqliteStateStore(path)
  return { repositories: createAccountRepositories(store.db), close: () => store.close() }
}

accountRepositoriesSuite('sqlite in memory', () => open(':memory:'))
accountRepositoriesSuite('sqlite file', () => open(join(folder, 'accounts.db')))

test('accounts outlive a restart', async () => {
  const path = join(folder, 'restart.db')
  const first = await open(path)
  await first.repositories.attempts.swap('k', 0, { failures: 9, nextAt: 7 })
  await first.repositories.factors.putRecoveryCodes('a', ['c'])
  await first.close()
  const second = await open(path)
  assert.deepEqual(await second.repositories.attempts.of('k'), { failures: 9, nextAt: 7 })
  assert.equal(await second.repositories.factors.takeRecoveryCode('a', 'c'), true)
  await second.close()
})
