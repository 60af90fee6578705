import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { FindingStore, KeptFinding, KeptResponse } from '../../src/kernel/finding-store.ts'

export interface FindingStoreSuite {
  create(): Promise<FindingStore>
  /** Another connection to the same one. */
  again(of: FindingStore): Promise<FindingStore>
}

const time = 1_900_000_000_000
const findingOf = (n: number, over: Partial<KeptFinding> = {}): KeptFinding => ({
  id: `finding-${n}`,
  time: time + n,
  kind: 'object-enumeration',
  subject: { kind: 'principal', key: 'main/7' },
  score: 0.63,
  summary: `asked for ${n} "objects"; it's not its own`,
  evidence: { type: 'profile', objects: n },
  events: ['call-1', 'call-2'],
  responses: [],
  ...over,
})
const response: KeptResponse = {
  at: '2030-03-17T17:46:40.000Z',
  by: 'ann',
  action: 'acknowledge',
  reason: "known'; drop table findings; --",
}

const namesOf = (rows: Awaited<ReturnType<FindingStore['since']>>): string[] =>
  rows.map(({ finding }) => finding.id)

/** What every place of findings must do. */
export function findingStoreSuite(name: string, suite: FindingStoreSuite): void {
  describe(`findings: ${name}`, () => {
    it('gives back what was put, to whoever asks, in the order of the writes', async () => {
      const store = await suite.create()
      await store.put([findingOf(1), findingOf(2)])
      await store.put([findingOf(2, { summary: 'another' }), findingOf(3)])
      const other = await suite.again(store)
      const rows = await other.since(0, 10)
      assert.deepEqual(
        rows.map(({ finding }) => finding),
        [findingOf(1), findingOf(2), findingOf(3)],
      )
      assert.deepEqual(namesOf(await other.since(rows[0]?.change, 1)), ['finding-2'])
      assert.deepEqual(namesOf(await other.since(undefined, 2)), ['finding-2', 'finding-3'])
      assert.deepEqual(await other.since(rows[2]?.change, 10), [])
    })

    it('adds responses, also of two at once; who follows the writes learns of them', async () => {
      const store = await suite.create()
      await store.put([findingOf(1), findingOf(2)])
      const other = await suite.again(store)
      const seen = (await other.since(0, 10)).at(-1)?.change
      await Promise.all([
        store.respond('finding-1', response),
        store.respond('finding-1', { ...response, by: 'bob', action: 'block' }),
      ])
      await other.respond('finding-1', { ...response, by: 'cleo' })
      const [row, ...rest] = await other.since(seen, 10)
      assert.deepEqual(rest, [])
      assert.deepEqual(row?.finding.responses.map(({ by }) => by).toSorted(), ['ann', 'bob', 'cleo'])
      assert.equal(row?.finding.responses.find(({ by }) => by === 'ann')?.reason, response.reason)
      assert.equal(await store.respond('finding-9', response), false)
      for (let n = 0; n < 60; n++) await store.respond('finding-2', { ...response, reason: String(n) })
      const [last] = await store.since(undefined, 1)
      assert.equal(last?.finding.responses.length, 50)
      assert.equal(last?.finding.responses.at(-1)?.reason, '59')
    })

    it('forgets what is old, what is too much, and what is about one person', async () => {
      const store = await suite.create()
      await store.put([1, 2, 3, 4, 5, 6].map((n) => findingOf(n)))
      assert.equal(await store.purge(time + 3, 10), 2)
      assert.equal(await store.purge(time + 3, 10), 0)
      assert.equal(await store.purge(0, 3), 1)
      assert.deepEqual(namesOf(await store.since(0, 10)), ['finding-4', 'finding-5', 'finding-6'])
      const credential = { kind: 'credential', key: 'digest' }
      await store.put([
        findingOf(7, { subject: { kind: 'principal', key: 'main/77' } }),
        findingOf(8, { subject: credential, evidence: { issuer: 'main', subject: '7' } }),
        findingOf(9, { subject: credential, evidence: { issuer: 'main', subject: '77' } }),
      ])
      assert.equal(await store.forget('main', '7'), 4)
      assert.deepEqual(namesOf(await store.since(0, 10)), ['finding-7', 'finding-9'])
    })
  })
}
