import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { createSealer } from '../crypto/sealer.ts'
import type { NewRevocation } from '../kernel/revocation.ts'
import type { AuthorityRecord, AuthorityRecords } from '../repositories/authority-records.ts'
import { createFamilies } from './families.ts'
import { createRecordBox } from './record-box.ts'

const clock = { now: () => 1_000_000, monotonic: () => 0 }

function setUp() {
  const rows: AuthorityRecord[] = []
  const denied: NewRevocation[] = []
  const matches = (row: AuthorityRecord, filter: object): boolean =>
    Object.entries(filter).every(
      ([key, value]) => key === 'now' || value === undefined || row[key as 'id'] === value,
    )
  const records: AuthorityRecords = {
    upsert: async (row) => void rows.push(row),
    insertOnce: () => Promise.resolve(true),
    find: async (_by, model, id) => rows.find((row) => row.model === model && row.id === id),
    consume: () => Promise.resolve(true),
    list: async (filter) => rows.filter((row) => matches(row, filter)),
    destroy: async (model, id) => void remove((row) => row.model === model && row.id === id),
    destroyAll: async (filter) => remove((row) => matches(row, filter)),
    sweep: () => Promise.resolve(0),
  }
  function remove(gone: (row: AuthorityRecord) => boolean): number {
    const before = rows.length
    rows.splice(0, rows.length, ...rows.filter((row) => !gone(row)))
    return before - rows.length
  }
  const box = createRecordBox(createSealer(randomBytes(32)), clock)
  const families = createFamilies({
    records,
    box,
    clock,
    revocations: {
      add: async (revocation) => {
        denied.push(revocation)
        return { ...revocation, change: 1, created: 0 }
      },
      since: () => Promise.resolve([]),
      purge: () => Promise.resolve(0),
    },
    issuerNames: ['one', 'two'],
    tokenSeconds: 600,
  })
  const grant = async (id: string): Promise<void> =>
    void rows.push(box.pack('Grant', id, { accountId: 'alice', clientId: 'app' }, 900))
  return { families, denied, rows, grant }
}

const token = { jti: 'j1', grantId: 'g1', account: 'alice', client: 'app', expires: 1_600 }

test('a token of a grant that counts is kept, and refused under every name of the issuer when the grant goes', async () => {
  const { families, denied, rows, grant } = setUp()
  await grant('g1')
  await families.issued(token)
  assert.deepEqual(denied, [])
  await families.revoke('g1')
  assert.deepEqual(
    denied.map(({ kind, issuer, value, until }) => [kind, issuer, value, until]),
    [
      ['token', 'one', 'j1', 1_600_000],
      ['token', 'two', 'j1', 1_600_000],
    ],
  )
  assert.deepEqual(rows, [])
})

test('a token that is made while its grant is being taken back is refused at once', async () => {
  const { families, denied, rows } = setUp()
  await families.issued(token)
  assert.equal(denied.length, 2)
  assert.deepEqual(rows, [])
})

test('what is revoked of one grant, client or user leaves that of others', async () => {
  const { families, denied, rows, grant } = setUp()
  for (const id of ['g1', 'g2']) await grant(id)
  await families.issued(token)
  await families.issued({ ...token, jti: 'j2', grantId: 'g2' })
  await families.revokeIssued('g2')
  assert.deepEqual(new Set(denied.map((one) => one.value)), new Set(['j2']))
  await families.revokeAll({ client: 'another' })
  assert.equal(rows.length, 3)
  await families.revokeAll({ account: 'alice' })
  assert.deepEqual(rows, [])
  assert.ok(denied.some((one) => one.kind === 'subject' && one.value === 'alice' && one.until === 1_600_000))
})
