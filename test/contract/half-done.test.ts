import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createApiKeyRepository } from '../../src/repositories/api-key-repository.ts'
import { createRevocationRepository } from '../../src/repositories/revocation-repository.ts'
import { createSqliteStateStore } from '../../src/stores/sqlite/state-store.ts'
import { newKey } from './api-key-store.ts'
import { failNthStatement } from './fail-nth-statement.ts'

/** With the nth statement failing, for every n: a write is done or not done, and the store is usable afterwards. */

const revocation = { kind: 'token', issuer: 'main', value: 'j-1', before: 1000, until: 9000 } as const

async function everyN(
  work: (failing: Awaited<ReturnType<typeof createSqliteStateStore>>['db'], n: number) => Promise<unknown>,
  look: (db: Awaited<ReturnType<typeof createSqliteStateStore>>['db']) => Promise<unknown>,
  prepare: (
    db: Awaited<ReturnType<typeof createSqliteStateStore>>['db'],
  ) => Promise<unknown> = async () => {},
): Promise<number> {
  for (let n = 1; n < 20; n++) {
    const state = await createSqliteStateStore(':memory:')
    try {
      await prepare(state.db)
      const before = await look(state.db)
      const failed = await work(failNthStatement(state.db, n), n).then(
        () => false,
        () => true,
      )
      const after = await look(state.db)
      if (!failed) {
        assert.notDeepEqual(after, before)
        return n - 1
      }
      assert.deepEqual(after, before, `statement ${n}`)
      await work(state.db, n)
      assert.notDeepEqual(await look(state.db), before, 'and works again')
    } finally {
      await state.close()
    }
  }
  throw new Error('never came to its end')
}

test('a revocation is there or not', async (t) => {
  const count = await everyN(
    (db) => createRevocationRepository(db).add(revocation, 1),
    (db) => createRevocationRepository(db).since(0, 10),
  )
  t.diagnostic(`${count} statements`)
  assert.equal(count, 3)
})

test('an API key is made or not', async (t) => {
  const count = await everyN(
    (db, n) => createApiKeyRepository(db).create(newKey({ id: `k${n}` })),
    (db) => createApiKeyRepository(db).changes(0, 10),
  )
  t.diagnostic(`${count} statements`)
  assert.equal(count, 2)
})

test('an API key is changed or not, and its change is told or not', async (t) => {
  const count = await everyN(
    (db) => createApiKeyRepository(db).update('k1', () => ({ revoked: 5 })),
    (db) => createApiKeyRepository(db).changes(0, 10),
    (db) => createApiKeyRepository(db).create(newKey()),
  )
  t.diagnostic(`${count} statements`)
  assert.equal(count, 3)
})

test('a change that throws changes nothing', async () => {
  const state = await createSqliteStateStore(':memory:')
  const store = createApiKeyRepository(state.db)
  const made = await store.create(newKey())
  await assert.rejects(
    store.update('k1', () => {
      throw new Error('no')
    }),
  )
  assert.deepEqual(await store.changes(0, 10), { latest: made.change, keys: [made] })
  await state.close()
})

test('uses are noted together or not at all', async () => {
  const uses = new Map([
    ['k1', 5000],
    ['k2', 5000],
  ])
  const count = await everyN(
    (db) => createApiKeyRepository(db).touch(uses),
    async (db) => (await createApiKeyRepository(db).changes(0, 10)).keys.map((key) => key.lastUsed),
    async (db) => {
      await createApiKeyRepository(db).create(newKey())
      await createApiKeyRepository(db).create(newKey({ id: 'k2' }))
    },
  )
  assert.equal(count, 2)
})
