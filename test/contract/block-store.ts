import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { BlockStore, StoredBlock } from '../../src/kernel/block-store.ts'

export interface BlockStoreSuite {
  create(): Promise<BlockStore>
  /** Another connection to the same one. */
  again(of: BlockStore): Promise<BlockStore>
}

const now = 1_900_000_000_000
const day = 86_400_000
const block: Omit<StoredBlock, 'change'> = {
  kind: 'address',
  key: '2001:db8::1',
  until: now + 60_000,
  finding: 'endpoint-spray',
  by: '',
  reason: '',
  created: now,
}

/** What every place of blocks must do. */
export function blockStoreSuite(name: string, suite: BlockStoreSuite): void {
  describe(`blocks: ${name}`, () => {
    it('gives back the last of each subject, in the order of the writes', async () => {
      const store = await suite.create()
      const byHand = {
        ...block,
        key: 'main/7',
        kind: 'principal',
        finding: '',
        by: 'ann',
        reason: "it's bad",
      }
      await store.put([block, byHand])
      await store.put([{ ...block, until: 0, by: 'ann' }])
      const rows = await (await suite.again(store)).since(0, 10)
      assert.deepEqual(
        rows.map(({ change: _, ...row }) => row),
        [byHand, { ...block, until: 0, by: 'ann' }],
      )
      assert.deepEqual(await store.since(rows[1]?.change ?? 0, 10), [])
      assert.equal((await store.since(0, 1)).length, 1)
    })

    it('keeps all of a batch or nothing', async () => {
      const store = await suite.create()
      const broken = { ...block, key: null as unknown as string }
      await assert.rejects(store.put([block, broken]))
      assert.deepEqual(await store.since(0, 10), [])
    })

    it('forgets what ended a day ago', async () => {
      const store = await suite.create()
      await store.put([block, { ...block, key: '192.0.2.1', created: now - day, until: now - 1 }])
      assert.equal(await store.purge(now), 1)
      assert.deepEqual(
        (await store.since(0, 10)).map(({ key }) => key),
        [block.key],
      )
    })
  })
}
