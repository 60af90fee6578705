import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, it } from 'node:test'
import { createIdentityKeys, type IdentityKeys, leadMs } from '../../src/app/identity-keys.ts'
import { createSealer, type Sealer } from '../../src/crypto/sealer.ts'
import type { IdentityKeyRepository } from '../../src/repositories/identity-keys.ts'

export interface IdentityKeySuite {
  create(): Promise<IdentityKeyRepository>
  /** Another connection to the same one. */
  again(of: IdentityKeyRepository): Promise<IdentityKeyRepository>
  /** Both may be asked at once. SQLite makes the thread wait for the other, which is the same here. */
  readonly atOnce: boolean
}

const hour = 3_600_000
const day = 24 * hour

/** What gateways that share a place of keys have in common, whichever place it is. */
export function identityKeySuite(name: string, suite: IdentityKeySuite): void {
  describe(`keys of Sallyport-Identity: ${name}`, () => {
    async function two(rotateMs: number, shared: boolean) {
      const time = { now: 1_900_000_000_000 }
      const clock = { now: () => time.now, monotonic: () => time.now }
      const sealer = createSealer(randomBytes(32))
      const first = await suite.create()
      const second = await suite.again(first)
      const foreign = shared ? sealer : createSealer(randomBytes(32))
      const begin = (repository: IdentityKeyRepository, sealedBy: Sealer): Promise<IdentityKeys> =>
        createIdentityKeys({ repository, sealer: sealedBy, clock, rotateMs })
      const [one, other] = suite.atOnce
        ? await Promise.all([begin(first, sealer), begin(second, foreign)])
        : [await begin(first, sealer), await begin(second, foreign)]
      const refresh = async (): Promise<void> => {
        if (suite.atOnce) await Promise.all([one.refresh(), other.refresh()])
        else for (const keys of [one, other]) await keys.refresh()
      }
      return { time, one, other, refresh }
    }

    it('is one key that is replaced with overlap, by one of them', async () => {
      const { time, one, other, refresh } = await two(90 * day, true)
      assert.deepEqual(one.all, other.all)
      assert.equal(one.all.length, 1)
      assert.equal(one.all[0]?.from, 0)
      const first = one.all[0]?.pem

      time.now += 90 * day
      await refresh()
      await refresh()
      assert.deepEqual(one.all, other.all)
      assert.deepEqual(
        one.all.map(({ from }) => from),
        [time.now + leadMs, 0],
      )
      assert.equal(one.all[1]?.pem, first)
      assert.equal(await one.refresh(), false)

      time.now += leadMs + hour
      assert.deepEqual([await one.refresh(), await other.refresh()], [true, true])
      assert.equal(one.all.length, 1)
      assert.notEqual(one.all[0]?.pem, first)
      assert.deepEqual(one.all, other.all)

      await other.rotate()
      assert.equal(await one.refresh(), true)
      assert.equal(one.all.length, 2)
    })

    it('what another sealing key closed is neither used nor published, and goes when its time is over', async () => {
      const { time, one, other, refresh } = await two(day, false)
      await refresh()
      assert.deepEqual([one.foreign, other.foreign, one.all.length], [1, 1, 1])
      assert.notEqual(one.all[0]?.pem, other.all[0]?.pem)
      time.now += 2 * day + hour
      await other.refresh()
      assert.equal(other.foreign, 0)
      await one.refresh()
      assert.equal(one.all.length, 1)
    })
  })
}
