import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { joinJournals } from '../../src/app/state/joined-journal.ts'
import { joinRevocations } from '../../src/app/state/share-revocations.ts'
import { createMemoryLedger, type MemoryLedger } from '../../src/stores/memory/ledger-store.ts'
import { createMemoryRevocationStore } from '../../src/stores/memory/revocation-store.ts'
import { createRedisLedgerJournal, sharedSecret } from '../../src/stores/redis/ledger-journal.ts'
import { createRedisLink, type RedisLink } from '../../src/stores/redis/link.ts'
import { createRedisRevocationStore } from '../../src/stores/redis/revocation-store.ts'
import { startRedisCluster, startRedisSentinel } from '../support/servers/redis-cluster.ts'
import { redisOptionsOf } from '../support/servers/redis-options.ts'
import { needsRedis, type RedisServer, startRedis } from '../support/servers/redis-server.ts'
import { ledgerStoreSuite } from './ledger-store.ts'
import { revocationStoreSuite } from './revocation-store.ts'

describe('what gateways have in common in Redis', needsRedis(), () => {
  let server: RedisServer
  let link: RedisLink
  let second: RedisLink
  let count = 0
  before(async () => {
    server = await startRedis({ password: 'p@ss:word/1' })
    link = await createRedisLink(redisOptionsOf(server.url))
    second = await createRedisLink(redisOptionsOf(server.url))
  })
  after(async () => {
    link?.close()
    second?.close()
    await server?.close()
  })

  const names = new WeakMap<object, string>()
  const open = (name: string) => {
    const store = createRedisRevocationStore(link, 'server', name)
    names.set(store, name)
    return store
  }
  revocationStoreSuite('redis', {
    create: async () => open(`list ${count++}`),
    reopen: async (of) => open(names.get(of) ?? ''),
  })
  revocationStoreSuite('memory and redis', {
    create: async () => joinRevocations(createMemoryRevocationStore(), open(`joined ${count++}`)),
  })

  test('what only one knows is written for all, also after the store has lost its memory', async () => {
    const now = Date.now()
    const one = { kind: 'token', issuer: 'main', value: 'j-1', before: now, until: now + 60_000 } as const
    const durable = createMemoryRevocationStore()
    const name = `pump ${count++}`
    const joined = joinRevocations(durable, createRedisRevocationStore(link, 'server', name))
    const reader = createRedisRevocationStore(second, 'server', name)
    assert.deepEqual(await joined.since(0, 10), [])
    // As a command does, beside the gateway.
    await durable.add(one, now)
    const [first] = await joined.since(0, 10)
    assert.equal(first?.value, 'j-1')
    assert.equal((await reader.since(0, 10)).length, 1)
    await server.command('flushall')
    assert.deepEqual(await reader.since(0, 10), [])
    const again = await joined.since(first?.change ?? 0, 10)
    assert.deepEqual(
      again.map(({ value, created, until }) => [value, created, until]),
      [['j-1', now, now + 60_000]],
      'with a number that those who read before have not seen',
    )
    assert.equal((await reader.since(first?.change ?? 0, 10)).length, 1)
  })

  const ledgerOver = async (over: RedisLink): Promise<MemoryLedger> => {
    const journal = createRedisLedgerJournal(over)
    const ledger = createMemoryLedger({ secret: await journal.secret(), journal, batchMs: 5 })
    await journal.listen(({ holder, removed }) => ledger.changed(holder, removed))
    return ledger
  }
  const ownLink = (): RedisLink => {
    const number = count++
    return { ...link, place: (kind, name) => link.place(kind, `${number} ${name}`) }
  }
  const links = new WeakMap<object, RedisLink>()
  const kept = async (over: RedisLink): Promise<MemoryLedger> => {
    const ledger = await ledgerOver(over)
    links.set(ledger, over)
    return ledger
  }
  ledgerStoreSuite('memory over redis', {
    create: () => kept(ownLink()),
    restart: async (of) => {
      await (of as MemoryLedger).close()
      return kept(links.get(of) as RedisLink)
    },
  })

  test('what one gateway gives, another knows soon after, and what it forgets too', async () => {
    const now = Date.now()
    const hour = 3_600_000
    const [a, b] = [await ledgerOver(link), await ledgerOver(second)]
    const ask = async (object: string): Promise<string> => {
      await b.ready('alice')
      return b.standing('alice', object, now)
    }
    assert.equal(await ask('booking 1'), 'none')
    a.give('alice', 'booking 1', 'owned', now + hour, now)
    a.give('alice', 'booking 2', 'shown', now + hour, now)
    await a.flush()
    await sleep(100)
    assert.deepEqual([await ask('booking 1'), await ask('booking 2')], ['owned', 'shown'])
    a.forget('alice', 'booking 1')
    await a.flush()
    await sleep(100)
    assert.deepEqual([await ask('booking 1'), await ask('booking 2')], ['none', 'shown'])
  })

  test('two journals: what either knows is known', async () => {
    const [ours, theirs] = [createRedisLedgerJournal(ownLink()), createRedisLedgerJournal(ownLink())]
    const row = { holder: 'h', object: '00000000000000aa', owned: false, until: 40_000_000 }
    await ours.save([row])
    await theirs.save([{ ...row, object: '00000000000000bb', owned: true }])
    const both = joinJournals(ours, theirs)
    assert.equal((await both.load('h', 1, 10)).length, 2)
    assert.deepEqual(await both.secret(), await theirs.secret())
  })

  test('a secret is made once', async () => {
    const made = await Promise.all([link, second, link].map((one) => sharedSecret(one, 'test', 32)))
    assert.equal(new Set(made.map((secret) => Buffer.from(secret).toString('hex'))).size, 1)
    assert.equal(made[0]?.byteLength, 32)
  })

  test('keys hold no name that was given', async () => {
    await createRedisLedgerJournal(link).save([
      { holder: 'digest-of-alice', object: '00000000000000aa', owned: false, until: 40_000_000 },
    ])
    await link.command(link.place('rate', 'alice@mail.example'), 'SET', ['1'])
    const keys = await server.command('keys', '*')
    assert.match(keys, /^sallyport:\{[0-9a-f]{2}\}:/m)
    assert.doesNotMatch(keys, /alice/)
  })
})

describe('a Redis that moves', needsRedis(), () => {
  test('a replica takes over: the sentinel says so, nothing is restarted', async (t) => {
    const group = await startRedisSentinel()
    const link = await createRedisLink({ ...redisOptionsOf(group.url), timeoutMs: 500 })
    try {
      const place = link.place('rate', 'k')
      await link.command(place, 'SET', ['1'])
      const heard: string[] = []
      await link.listen('news', (message) => heard.push(message))
      await group.servers[0]?.kill()
      const began = performance.now()
      await until(async () => (await link.command(place, 'SET', ['2'])) === 'OK')
      t.diagnostic(`${(performance.now() - began).toFixed(0)} ms`)
      assert.equal(link.isUp(), true)
      await until(async () => {
        await link.publish('news', 'still here')
        return heard.includes('still here')
      })
    } finally {
      link.close()
      await group.close()
    }
  })

  test('one master of a cluster is away: its keys alone reject, and come back with it', async () => {
    const group = await startRedisCluster()
    const link = await createRedisLink({ ...redisOptionsOf(group.url), timeoutMs: 300 })
    try {
      const places = Array.from({ length: 300 }, (_, i) => link.place('rate', `k ${i}`))
      const works = async (): Promise<number> =>
        (await Promise.allSettled(places.map((place) => link.command(place, 'GET', [])))).filter(
          ({ status }) => status === 'fulfilled',
        ).length
      assert.equal(await works(), 300)
      await group.servers[1]?.kill()
      await sleep(500)
      await works()
      const left = await works()
      assert.ok(left > 120 && left < 260, String(left))
      assert.equal(link.isUp(), false)
      await group.servers[1]?.start()
      await until(async () => (await works()) === 300 || (await works()) > left + 40)
    } finally {
      link.close()
      await group.close()
    }
  })

  async function until(holds: () => Promise<boolean>): Promise<void> {
    const deadline = Date.now() + 20_000
    while (!(await holds().catch(() => false))) {
      if (Date.now() > deadline) assert.fail('never')
      await sleep(50)
    }
  }
})
