import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Hold, HoldStore } from '../../src/kernel/hold.ts'

export interface HoldStoreSuite {
  create(): Promise<HoldStore>
  /** Another connection to the same one. */
  again(of: HoldStore): Promise<HoldStore>
}

const hold: Hold = {
  issuer: 'main',
  sub: '7',
  response: 'revoke',
  since: 1_900_000_000_000,
  until: 1_900_000_600_000,
  kind: 'object-enumeration',
}

/** What every place of holds must do. */
export function holdStoreSuite(name: string, suite: HoldStoreSuite): void {
  describe(`holds: ${name}`, () => {
    it('gives back what holds, to whoever asks', async () => {
      const store = await suite.create()
      await store.put(hold)
      await store.put({ ...hold, response: 'step-up' })
      await store.put({ ...hold, until: hold.until + 1 })
      const live = await (await suite.again(store)).live(hold.since)
      assert.deepEqual(
        [...live].sort((a, b) => a.response.localeCompare(b.response)),
        [
          { ...hold, until: hold.until + 1 },
          { ...hold, response: 'step-up' },
        ],
      )
    })

    it('lets one caller go, and forgets what is over', async () => {
      const store = await suite.create()
      await store.put(hold)
      await store.put({ ...hold, issuer: 'other' })
      assert.equal(await store.remove('main', '7'), 1)
      assert.equal(await store.remove('main', '7'), 0)
      assert.equal((await store.live(hold.since)).length, 1)
      assert.equal((await store.live(hold.until)).length, 0)
      assert.equal(await store.purge(hold.until), 1)
      assert.equal((await store.live(hold.since)).length, 0)
    })
  })
}
