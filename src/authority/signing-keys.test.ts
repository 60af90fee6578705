import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { createSealer } from '../crypto/sealer.ts'
import type { SigningKeyRepository, StoredKey } from '../repositories/signing-keys.ts'
import { createSigningKeys } from './signing-keys.ts'

const hour = 3_600_000

function repository(): SigningKeyRepository & { rows: StoredKey[] } {
  const store = {
    rows: [] as StoredKey[],
    list: () => Promise.resolve([...store.rows].sort((a, b) => b.created - a.created)),
    async replace(keys: readonly StoredKey[], now: number) {
      store.rows = store.rows.map((row) => ({ ...row, retired: row.retired ?? now }))
      store.rows.push(...keys)
    },
    async addFirst(keys: readonly StoredKey[]) {
      store.rows.push(...keys)
    },
    async removeRetired(before: number) {
      const kept = store.rows.filter((row) => row.retired === undefined || row.retired >= before)
      const gone = store.rows.length - kept.length
      store.rows = kept
      return gone
    },
  }
  return store
}

test('what another process rotates is taken over; old keys go a day later; age rotates', async () => {
  const store = repository()
  const sealer = createSealer(randomBytes(32))
  let now = 1_000_000_000_000
  const clock = { now: () => now, monotonic: () => now }
  const options = { repository: store, sealer, clock, rotateMs: 90 * 24 * hour }
  const running = await createSigningKeys(options)
  const command = await createSigningKeys({ ...options, rotateMs: 0 })
  const first = running.published.keys.map((key) => key.kid)
  assert.deepEqual(new Set(command.published.keys.map((key) => key.kid)), new Set(first))
  assert.equal(await running.refresh(), false)

  now += hour
  await command.rotate()
  assert.equal(await running.refresh(), true)
  assert.equal(running.published.keys.length, 4)
  const signing = running.all.filter((key) => key.alg === 'ES256')[0]?.kid
  assert.ok(!first.includes(signing), 'the new key signs')
  for (const kid of first)
    assert.ok(
      running.published.keys.some((key) => key.kid === kid),
      'the old one is published',
    )

  now += 25 * hour
  assert.equal(await running.refresh(), true)
  assert.equal(running.published.keys.length, 2)
  assert.ok(!running.published.keys.some((key) => first.includes(key.kid)))

  now += 90 * 24 * hour
  assert.equal(await running.refresh(), true)
  assert.equal(running.published.keys.length, 4)
  for (const key of running.published.keys)
    assert.deepEqual(
      Object.keys(key).filter((name) => 'dpqk'.includes(name[0] ?? '') && name.length <= 2),
      [],
    )
  assert.ok(!JSON.stringify(store.rows).includes('"d"'))
})
