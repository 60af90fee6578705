import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { InventoryStore, Sighting } from '../../src/kernel/inventory.ts'
import { mergeSightings } from '../../src/stages/record/inventory/seen.ts'

export interface InventoryStoreSuite {
  create(): Promise<InventoryStore>
  /** Another connection to the same one. */
  again(of: InventoryStore): Promise<InventoryStore>
}

export function sightingOf(name: string, over: Partial<Sighting> = {}): Sighting {
  return {
    kind: 'operation',
    api: 'things',
    name,
    calls: 1,
    refused: 0,
    first: 1_000,
    last: 2_000,
    callers: '',
    statuses: [['2xx', 1]],
    authentication: [['jwt', 1]],
    mediaTypes: [],
    parameters: [{ name: 'debug', calls: 1, type: 'boolean' }],
    properties: [],
    data: [],
    ...over,
  }
}

/** What every place of the inventory must do. */
export function inventoryStoreSuite(name: string, suite: InventoryStoreSuite): void {
  describe(`inventory: ${name}`, () => {
    it('adds up what is seen, and keeps it', async () => {
      const store = await suite.create()
      await store.add([sightingOf('a'), sightingOf('b')], mergeSightings)
      const [kept] = await store.add([sightingOf('a', { first: 500, last: 9_000 })], mergeSightings)
      assert.equal(kept?.calls, 2)
      const all = await (await suite.again(store)).load()
      const a = all.find((one) => one.name === 'a')
      assert.deepEqual([a?.calls, a?.first, a?.last], [2, 500, 9_000])
      assert.deepEqual(a?.parameters, [{ name: 'debug', calls: 2, type: 'boolean' }])
      assert.equal(all.length, 2)
    })

    it('loses nothing where two write the same at once', async () => {
      const store = await suite.create()
      const other = await suite.again(store)
      await Promise.all([store, other, store, other].map((one) => one.add([sightingOf('a')], mergeSightings)))
      assert.equal((await store.load())[0]?.calls, 4)
    })

    it('forgets what it is told to', async () => {
      const store = await suite.create()
      await store.add([sightingOf('a'), sightingOf('a', { kind: 'shadow' })], mergeSightings)
      await store.forget([{ kind: 'shadow', api: 'things', name: 'a' }])
      assert.deepEqual(
        (await store.load()).map(({ kind }) => kind),
        ['operation'],
      )
    })
  })
}
