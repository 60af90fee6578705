import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { createSealer } from '../crypto/sealer.ts'
import { createIdentityKeyRepository } from '../repositories/identity-keys.ts'
import { createSqliteStateStore } from '../stores/sqlite/state-store.ts'
import { createIdentityKeys, leadMs } from './identity-keys.ts'

const hour = 3_600_000

test('gateways with one database have one key; it is replaced with overlap, by one of them', async (t) => {
  const store = await createSqliteStateStore(':memory:')
  t.after(() => store.close())
  let now = 1_000_000_000_000
  const options = {
    repository: createIdentityKeyRepository(store.db),
    sealer: createSealer(randomBytes(32)),
    clock: { now: () => now, monotonic: () => now },
    rotateMs: 90 * 24 * hour,
  }
  const [one, two] = await Promise.all([createIdentityKeys(options), createIdentityKeys(options)])
  await one.refresh()
  assert.deepEqual(one.all, two.all)
  assert.equal(one.all.length, 1)
  assert.equal(one.all[0]?.from, 0)
  const first = one.all[0]?.pem

  now += 90 * 24 * hour
  assert.deepEqual(await Promise.all([one.refresh(), two.refresh()]), [true, true])
  assert.equal(await one.refresh(), false)
  assert.deepEqual(one.all, two.all)
  assert.deepEqual(
    one.all.map(({ from }) => from),
    [now + leadMs, 0],
  )
  assert.equal(one.all[1]?.pem, first)

  now += leadMs + hour
  assert.deepEqual([await one.refresh(), await two.refresh()], [true, true])
  assert.equal(one.all.length, 1)
  assert.notEqual(one.all[0]?.pem, first)
  assert.deepEqual(one.all, two.all)

  await two.rotate()
  assert.equal(await one.refresh(), true)
  assert.equal(one.all.length, 2)
})

test('what another sealing key closed is neither used nor published, and goes when its time is over', async (t) => {
  const store = await createSqliteStateStore(':memory:')
  t.after(() => store.close())
  let now = 1_000_000_000_000
  const options = {
    repository: createIdentityKeyRepository(store.db),
    clock: { now: () => now, monotonic: () => now },
    rotateMs: 24 * hour,
  }
  const one = await createIdentityKeys({ ...options, sealer: createSealer(randomBytes(32)) })
  const two = await createIdentityKeys({ ...options, sealer: createSealer(randomBytes(32)) })
  await one.refresh()
  assert.deepEqual([one.foreign, two.foreign], [1, 1])
  assert.notEqual(one.all[0]?.pem, two.all[0]?.pem)
  assert.equal(one.all.length, 1)
  now += 49 * hour
  await two.refresh()
  assert.equal(two.foreign, 0)
})
