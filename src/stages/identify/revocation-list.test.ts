import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { failNthCall } from '../../../test/support/fail-nth-call.ts'
import { createSteeredClock } from '../../../test/support/steered-clock.ts'
import { anonymous, type Principal } from '../../kernel/principal.ts'
import type { NewRevocation, RevocationStore } from '../../kernel/revocation.ts'
import { createMemoryRevocationStore } from '../../stores/memory/revocation-store.ts'
import { createRevocationList, type RevocationList } from './revocation-list.ts'

const start = 1_900_000_000_000
const base: NewRevocation = {
  kind: 'token',
  issuer: 'main',
  value: 'j-1',
  before: start,
  until: start + 3_600_000,
}

function principal(over: Partial<Principal> = {}, claims: Record<string, unknown> = {}): Principal {
  return {
    ...anonymous,
    issuer: 'main',
    sub: '123',
    client: 'app',
    kind: 'jwt',
    claims: { jti: 'j-1', iat: start / 1000 - 60, ...claims },
    ...over,
  }
}

async function listWith(
  revocations: readonly NewRevocation[],
  store: RevocationStore = createMemoryRevocationStore(),
): Promise<RevocationList & { clock: ReturnType<typeof createSteeredClock> }> {
  const clock = createSteeredClock(start)
  for (const one of revocations) await store.add(one, start)
  const list = createRevocationList({ store, clock, everyMs: 5 })
  await list.start()
  list.close()
  return Object.assign(list, { clock })
}

const codeOf = (list: RevocationList, one: Principal): string => list.judge(one)?.code ?? 'passes'

describe('the deny-list', () => {
  it('by jti: one token, of its issuer or of all', async () => {
    const list = await listWith([base, { ...base, value: 'j-2', issuer: undefined }])
    assert.equal(codeOf(list, principal()), 'IDENTIFY_TOKEN_REVOKED')
    assert.equal(codeOf(list, principal({ issuer: 'other' })), 'passes')
    assert.equal(codeOf(list, principal({ issuer: 'other' }, { jti: 'j-2' })), 'IDENTIFY_TOKEN_REVOKED')
    assert.equal(codeOf(list, principal({}, { jti: 'j-3' })), 'passes')
    assert.equal(codeOf(list, principal({}, { jti: undefined })), 'passes')
    assert.equal(
      codeOf(list, principal({}, { iat: start / 1000 + 500 })),
      'IDENTIFY_TOKEN_REVOKED',
      'a token has no second life',
    )
  })

  for (const [kind, value] of [
    ['subject', '123'],
    ['client', 'app'],
  ] as const)
    it(`by ${kind}: everything issued so far, nothing issued later`, async () => {
      const list = await listWith([{ ...base, kind, value, before: start + 400 }])
      assert.equal(codeOf(list, principal()), 'IDENTIFY_TOKEN_REVOKED')
      assert.equal(
        codeOf(list, principal({}, { iat: start / 1000 })),
        'IDENTIFY_TOKEN_REVOKED',
        'same second',
      )
      assert.equal(codeOf(list, principal({}, { iat: start / 1000 + 1 })), 'passes')
      assert.equal(
        codeOf(list, principal({}, { iat: undefined })),
        'IDENTIFY_TOKEN_REVOKED',
        'who knows when',
      )
      assert.equal(codeOf(list, principal({}, { iat: '1' })), 'IDENTIFY_TOKEN_REVOKED')
      assert.equal(codeOf(list, principal({ issuer: 'other' })), 'passes')
      assert.equal(codeOf(list, principal({ sub: '124', client: 'app2' })), 'passes')
      assert.equal(codeOf(list, principal({ sub: 'app', client: '123' })), 'passes', 'kinds do not mix')
    })

  it('what stands beside the caller counts as well', async () => {
    const list = await listWith([
      { ...base, kind: 'subject', value: 'spiffe://a/device', issuer: 'certificates' },
    ])
    const device = principal({ issuer: 'certificates', sub: 'spiffe://a/device' })
    assert.equal(codeOf(list, principal()), 'passes')
    assert.equal(codeOf(list, principal({ beside: [device] })), 'IDENTIFY_TOKEN_REVOKED')
  })

  it('ends with what it is about', async () => {
    const store = createMemoryRevocationStore()
    const clock = createSteeredClock(start)
    await store.add(base, start)
    const list = createRevocationList({ store, clock, everyMs: 5 })
    await list.start()
    assert.equal(codeOf(list, principal()), 'IDENTIFY_TOKEN_REVOKED')
    clock.jump(3_600_000)
    assert.equal(codeOf(list, principal()), 'passes')
    assert.equal(list.size, 1)
    clock.pass(600_000)
    await sleep(40)
    assert.equal(list.size, 0, 'forgotten here')
    assert.deepEqual(await store.since(0, 10), [], 'and in the store')
    list.close()
  })

  it('what is revoked here counts at once, and what others write soon', async () => {
    const store = createMemoryRevocationStore()
    const here = createRevocationList({ store, everyMs: 10 })
    const there = createRevocationList({ store, everyMs: 10 })
    await here.start()
    await there.start()
    await here.revoke({ ...base, until: Date.now() + 60_000 })
    assert.equal(codeOf(here, principal()), 'IDENTIFY_TOKEN_REVOKED')
    assert.equal(codeOf(there, principal()), 'passes')
    await sleep(60)
    assert.equal(codeOf(there, principal()), 'IDENTIFY_TOKEN_REVOKED')
    assert.equal(here.size, 1)
    here.close()
    there.close()
  })

  it('does not lose what others wrote just before its own', async () => {
    const store = createMemoryRevocationStore()
    const list = createRevocationList({ store, everyMs: 10 })
    await list.start()
    const until = Date.now() + 60_000
    await store.add({ ...base, value: 'theirs', until }, start)
    await list.revoke({ ...base, value: 'ours', until })
    await sleep(60)
    assert.equal(codeOf(list, principal({}, { jti: 'theirs' })), 'IDENTIFY_TOKEN_REVOKED')
    assert.equal(list.size, 2)
    list.close()
  })

  it('is bounded', async () => {
    const store = createMemoryRevocationStore()
    const list = createRevocationList({ store, capacity: 2 })
    await list.start()
    await list.revoke(base)
    await list.revoke({ ...base, value: 'j-2' })
    await assert.rejects(list.revoke({ ...base, value: 'j-3' }), /too many/)
    list.close()
  })

  it('with the nth call of the store failing: never open, and nothing half-done', async () => {
    for (let nth = 1; nth <= 6; nth++) {
      const store = failNthCall(createMemoryRevocationStore(), nth)
      const list = createRevocationList({ store, everyMs: 3, staleMs: 1000 })
      const started = await list.start().then(
        () => true,
        () => false,
      )
      if (!started) {
        assert.equal(codeOf(list, principal()), 'IDENTIFY_KEYS_UNAVAILABLE')
        list.close()
        continue
      }
      const revoked = await list.revoke({ ...base, until: Date.now() + 60_000 }).then(
        () => true,
        () => false,
      )
      await sleep(20)
      assert.equal(codeOf(list, principal()), revoked ? 'IDENTIFY_TOKEN_REVOKED' : 'passes', `call ${nth}`)
      list.close()
    }
  })

  it('a store that stays away closes the gate within five seconds', async () => {
    const store = createMemoryRevocationStore()
    let down = false
    const clock = createSteeredClock(start)
    const list = createRevocationList({
      store: {
        ...store,
        since: (...args) => (down ? Promise.reject(new Error('down')) : store.since(...args)),
      },
      clock,
      everyMs: 3,
    })
    await list.start()
    down = true
    clock.pass(3900)
    await sleep(20)
    assert.equal(codeOf(list, principal()), 'passes')
    clock.pass(200)
    await sleep(20)
    assert.equal(codeOf(list, principal()), 'IDENTIFY_KEYS_UNAVAILABLE')
    down = false
    await sleep(20)
    assert.equal(codeOf(list, principal()), 'passes')
    list.close()
  })

  it('costs next to nothing', async (t) => {
    const empty = await listWith([])
    const full = await listWith(
      Array.from({ length: 30_000 }, (_, i) => ({
        ...base,
        kind: (['token', 'subject', 'client'] as const)[i % 3] ?? 'token',
        value: `value-${i}`,
      })),
    )
    const one = principal()
    for (const [name, list] of [
      ['empty', empty],
      ['30,000', full],
    ] as const) {
      let best = Infinity
      for (let round = 0; round < 5; round++) {
        const began = performance.now()
        for (let i = 0; i < 200_000; i++) if (list.judge(one) !== undefined) assert.fail()
        best = Math.min(best, (performance.now() - began) / 200)
      }
      t.diagnostic(`${name}: ${best.toFixed(3)} µs`)
      assert.ok(best < 2, `${best} µs`)
    }
  })
})
