import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Kysely } from 'kysely'
import { type AuthorityRecord, createAuthorityRecords } from '../../src/repositories/authority-records.ts'
import { createClientRepository, type StoredClient } from '../../src/repositories/clients.ts'
import { createSigningKeyRepository, type StoredKey } from '../../src/repositories/signing-keys.ts'

/** A database of one test. */
export interface Subject {
  readonly db: Kysely<unknown>
  close(): Promise<void>
}

/** What every database promises the authorization server. */
export function authorityStoreSuite(name: string, open: () => Promise<Subject>): void {
  const check = (what: string, body: (db: Kysely<unknown>) => Promise<void>): void => {
    test(`${name}: ${what}`, async () => {
      const subject = await open()
      try {
        await body(subject.db)
      } finally {
        await subject.close()
      }
    })
  }
  const record = (more: Partial<AuthorityRecord> = {}): AuthorityRecord => ({
    model: 'AuthorizationCode',
    id: 'one',
    payload: 'sealed',
    created: 100,
    expires: 200,
    ...more,
  })

  check('a record is found by id, uid and user code of its model, until it ends', async (db) => {
    const records = createAuthorityRecords(db)
    const whole = record({ family: 'f', uid: 'u', userCode: 'c', account: 'alice', client: 'app' })
    await records.upsert(whole)
    assert.deepEqual(await records.find('id', whole.model, 'one', 150), { ...whole, consumed: undefined })
    assert.equal((await records.find('uid', whole.model, 'u', 150))?.id, 'one')
    assert.equal((await records.find('userCode', whole.model, 'c', 150))?.id, 'one')
    assert.equal(await records.find('id', 'Session', 'one', 150), undefined)
    assert.equal(await records.find('id', whole.model, 'one', 200), undefined)
    assert.equal(await records.find('uid', whole.model, 'one', 150), undefined)
  })

  check('of many that use a record at once one does, and it stays used', async (db) => {
    const records = createAuthorityRecords(db)
    await records.upsert(record())
    const used = await Promise.all(
      Array.from({ length: 50 }, () => records.consume('AuthorizationCode', 'one', 150)),
    )
    assert.equal(used.filter(Boolean).length, 1)
    assert.equal((await records.find('id', 'AuthorizationCode', 'one', 150))?.consumed, 150)
    await records.upsert(record({ payload: 'again' }))
    const after = await records.find('id', 'AuthorizationCode', 'one', 150)
    assert.equal(after?.payload, 'again')
    assert.equal(after?.consumed, 150)
    assert.equal(await records.consume('AuthorizationCode', 'nothing', 150), false)
  })

  check('a record that must be new is written once while it lives', async (db) => {
    const records = createAuthorityRecords(db)
    const made = await Promise.all(Array.from({ length: 20 }, () => records.insertOnce(record(), 150)))
    assert.equal(made.filter(Boolean).length, 1)
    assert.equal(await records.insertOnce(record({ expires: 400 }), 199), false)
    assert.equal(await records.insertOnce(record({ expires: 400 }), 200), true)
    assert.equal(await records.insertOnce(record(), 399), false)
  })

  check('records go by family, account, client; an empty filter takes nothing', async (db) => {
    const records = createAuthorityRecords(db)
    for (const [id, family, account, client] of [
      ['1', 'f1', 'alice', 'app'],
      ['2', 'f1', 'alice', 'app'],
      ['3', 'f2', 'alice', 'other'],
      ['4', 'f3', 'bob', 'app'],
    ] as const)
      await records.upsert(record({ id, family, account, client }))
    assert.equal(await records.destroyAll({}), 0)
    assert.equal(await records.destroyAll({ family: 'f1', model: 'Session' }), 0)
    assert.equal((await records.list({ account: 'alice', now: 150 })).length, 3)
    assert.equal((await records.list({ account: 'alice', client: 'app', now: 150 })).length, 2)
    assert.equal((await records.list({ account: 'alice', now: 200 })).length, 0)
    assert.equal(await records.destroyAll({ family: 'f1' }), 2)
    await records.destroy('AuthorizationCode', '3')
    assert.deepEqual(
      (await records.list({ now: 150 })).map((one) => one.id),
      ['4'],
    )
  })

  check('what has ended is swept, a little at a time', async (db) => {
    const records = createAuthorityRecords(db)
    for (let i = 0; i < 5; i++) await records.upsert(record({ id: `old-${i}`, expires: 120 }))
    await records.upsert(record({ id: 'young' }))
    assert.equal(await records.sweep(150, 3), 3)
    assert.equal(await records.sweep(150, 3), 2)
    assert.equal(await records.sweep(150, 3), 0)
    assert.equal((await records.list({ now: 0 })).length, 1)
  })

  check('clients: an id is taken once; changes say whether there was one; pages go by id', async (db) => {
    const clients = createClientRepository(db)
    const client = (id: string): StoredClient => ({
      id,
      metadata: '{}',
      secretDigest: 'digest',
      disabled: undefined,
      created: 1,
      updated: 1,
    })
    assert.equal(await clients.insert(client('a')), true)
    assert.equal(await clients.insert({ ...client('a'), metadata: '{"other":1}' }), false)
    assert.deepEqual(await clients.find('a'), client('a'))
    assert.equal(await clients.update('a', { disabled: 7 }, 2), true)
    assert.equal((await clients.find('a'))?.disabled, 7)
    assert.equal((await clients.find('a'))?.secretDigest, 'digest')
    assert.equal(await clients.update('a', { disabled: undefined, secretDigest: 'next' }, 3), true)
    assert.deepEqual(await clients.find('a'), { ...client('a'), secretDigest: 'next', updated: 3 })
    assert.equal(await clients.update('nobody', { metadata: '{}' }, 4), false)
    for (const id of ['c', 'b']) await clients.insert(client(id))
    assert.deepEqual(
      (await clients.list(2)).map((one) => one.id),
      ['a', 'b'],
    )
    assert.deepEqual(
      (await clients.list(2, 'b')).map((one) => one.id),
      ['c'],
    )
    assert.equal(await clients.remove('a'), true)
    assert.equal(await clients.remove('a'), false)
  })

  check(
    'signing keys: new ones retire those of their algorithm; two first starts make one set',
    async (db) => {
      const keys = createSigningKeyRepository(db)
      const key = (kid: string, algorithm: string, created: number): StoredKey => ({
        kid,
        algorithm,
        sealed: 's',
        created,
        retired: undefined,
      })
      await Promise.all([
        keys.addFirst([key('e1', 'ES256', 1), key('r1', 'RS256', 1)]),
        keys.addFirst([key('e2', 'ES256', 1), key('r2', 'RS256', 1)]),
      ])
      assert.equal((await keys.list()).length, 2)
      await keys.replace([key('e3', 'ES256', 5)], 5)
      const all = await keys.list()
      assert.equal(all[0]?.kid, 'e3')
      assert.deepEqual(
        all
          .filter((one) => one.retired === undefined)
          .map((one) => one.algorithm)
          .sort(),
        ['ES256', 'RS256'],
      )
      assert.equal(await keys.removeRetired(5), 0)
      assert.equal(await keys.removeRetired(6), 1)
      assert.equal((await keys.list()).length, 2)
      await assert.rejects(keys.replace([key('e4', 'ES256', 6), key('e3', 'ES256', 6)], 6))
      assert.equal((await keys.list()).find((one) => one.kid === 'e3')?.retired, undefined, 'all or nothing')
    },
  )
}
