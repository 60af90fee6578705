import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { AuditEvent } from '../../src/kernel/event.ts'
import type { EventFilter, EventStore } from '../../src/kernel/ports.ts'

/** An event like those of a call; `over` says what is different. */
export function sampleEvent(sequence: number, over: Partial<AuditEvent> = {}): AuditEvent {
  return {
    time: 1_900_000_000_000 + sequence,
    sequence,
    id: `req-${sequence}`,
    traceId: '0af7651916cd43dd8448eb211c80319c',
    issuer: 'travel',
    sub: `user-${sequence % 7}`,
    client: 'app',
    credential: '0123456789abcdef',
    credentialKind: 'jwt',
    address: `192.0.2.${sequence % 5}`,
    peer: '127.0.0.1',
    protocol: '1.1',
    secure: true,
    method: 'GET',
    path: `/users/${sequence % 7}/profile`,
    api: sequence % 3 === 0 ? 'fleet' : 'travel',
    operation: `operation-${sequence % 4}`,
    objects: [{ type: 'profile', id: String(sequence % 7) }],
    status: sequence % 10 === 0 ? 403 : 200,
    code: sequence % 10 === 0 ? 'AUTHORIZE_OBJECT' : undefined,
    reason: sequence % 10 === 0 ? 'not the owner' : undefined,
    notes: [
      {
        stage: 'authorize',
        check: 'authorize.scope',
        verdict: 'allow',
        code: undefined,
        observed: false,
        reason: undefined,
      },
    ],
    stages: [['listen', 12]],
    bytesIn: 0,
    bytesOut: 300,
    duration: 1.25,
    upstreamStatus: 200,
    failedOpen: 0,
    ...over,
  }
}

/** What every store of audit events promises; the same suite runs over each of them. */
export function eventStoreSuite(name: string, create: () => Promise<EventStore>): void {
  describe(`event store: ${name}`, () => {
    const all = Array.from({ length: 100 }, (_, i) => sampleEvent(i))
    let store: EventStore

    before(async () => {
      store = await create()
      for (let i = 0; i < all.length; i += 30) await store.append(all.slice(i, i + 30))
    })
    after(() => store.close())

    const sequences = async (filter: EventFilter, limit = 500): Promise<number[]> =>
      (await store.query(filter, limit)).events.map((event) => event.sequence)

    test('gives back each event as it was, newest first', async () => {
      const { events, next } = await store.query({}, 500)
      assert.deepEqual(JSON.parse(JSON.stringify(events)), JSON.parse(JSON.stringify(all.toReversed())))
      assert.equal(next, undefined)
    })

    test('gives the lines as they were handed over, oldest first, filtered', async () => {
      const other = await create()
      const lines = all.map((event) => `${JSON.stringify(event).slice(0, -1)},"chain":${event.sequence}}`)
      await other.append(all.slice(0, 60), lines.slice(0, 60))
      await other.append(all.slice(60), lines.slice(60))
      assert.deepEqual(await allOf(other.lines({})), lines)
      const denied = all.filter(({ code }) => code !== undefined)
      assert.deepEqual(
        await allOf(other.lines({ outcome: 'denied' })),
        denied.map(({ sequence }) => lines[sequence]),
      )
      await other.close()
    })

    test('erases a subject of one issuer: nothing finds it, and its events are still there', async () => {
      const other = await create()
      await other.append([
        ...all,
        sampleEvent(100, { issuer: 'other', sub: 'user-3', address: '198.51.100.1' }),
      ])
      const mine = all.filter(({ sub }) => sub === 'user-3').length
      const count = await other.erase({ issuer: 'travel', sub: 'user-3' }, (line) => {
        const { sub: _, address: __, path: ___, objects: ____, ...rest } = JSON.parse(line) as AuditEvent
        return JSON.stringify(rest)
      })
      assert.equal(count, mine)
      const left = (await other.query({ sub: 'user-3' }, 500)).events
      assert.deepEqual(
        left.map(({ issuer }) => issuer),
        ['other'],
      )
      const everything = (await other.query({}, 500)).events
      assert.equal(everything.length, 101)
      assert.equal(everything.filter(({ sub, address, path }) => sub + address + path === '').length, mine)
      await other.close()
    })

    test('pages without gap or repeat while events arrive', async () => {
      const other = await create()
      await other.append(all)
      const seen: number[] = []
      let cursor: string | undefined
      let pages = 0
      do {
        const page = await other.query({}, 7, cursor)
        seen.push(...page.events.map((event) => event.sequence))
        cursor = page.next
        pages++
        await other.append([sampleEvent(1000 + pages)])
      } while (cursor !== undefined)
      assert.deepEqual(seen, all.map((event) => event.sequence).toReversed())
      assert.equal(pages, 15)
      await other.close()
    })

    test('a page that ends with the last event has no next', async () => {
      assert.equal((await store.query({}, 100)).next, undefined)
      assert.notEqual((await store.query({}, 99)).next, undefined)
    })

    const cases: readonly (readonly [EventFilter, (event: AuditEvent) => boolean])[] = [
      [{ since: 1_900_000_000_050 }, (e) => e.time >= 1_900_000_000_050],
      [{ until: 1_900_000_000_010 }, (e) => e.time <= 1_900_000_000_010],
      [{ since: 1_900_000_000_020, until: 1_900_000_000_029 }, (e) => e.sequence >= 20 && e.sequence <= 29],
      [{ api: 'fleet' }, (e) => e.api === 'fleet'],
      [{ operation: 'operation-2' }, (e) => e.operation === 'operation-2'],
      [{ api: 'fleet', operation: 'operation-2' }, (e) => e.api === 'fleet' && e.operation === 'operation-2'],
      [{ sub: 'user-3' }, (e) => e.sub === 'user-3'],
      [{ sub: 'user-3', issuer: 'travel' }, (e) => e.sub === 'user-3'],
      [{ sub: 'user-3', issuer: 'other' }, () => false],
      [{ address: '192.0.2.4' }, (e) => e.address === '192.0.2.4'],
      [{ code: 'AUTHORIZE_OBJECT' }, (e) => e.code !== undefined],
      [{ code: 'LIMIT_RATE' }, () => false],
      [{ status: 403 }, (e) => e.status === 403],
      [{ status: 200 }, (e) => e.status === 200],
      [{ id: 'req-42' }, (e) => e.sequence === 42],
      [{ id: 'req-4' }, (e) => e.sequence === 4],
      [{ outcome: 'denied' }, (e) => e.code !== undefined],
      [{ outcome: 'allowed' }, (e) => e.code === undefined],
      [{ outcome: 'denied', sub: 'user-0' }, (e) => e.code !== undefined && e.sub === 'user-0'],
      [{ stage: 'authorize' }, (e) => e.code !== undefined],
      [{ stage: 'limit' }, () => false],
      [{ operationPrefix: 'operation-' }, () => true],
      [{ operationPrefix: 'operation-3' }, (e) => e.operation === 'operation-3'],
      [{ operationPrefix: 'peration' }, () => false],
      [{ operationPrefix: 'operation-1', api: 'fleet' }, (e) => e.api === 'fleet' && e.sequence % 4 === 1],
      [{ method: 'GET' }, () => true],
      [{ method: 'POST' }, () => false],
      [{ q: '/USERS/3/' }, (e) => e.sequence % 7 === 3],
      [{ q: 'Not the OWNER' }, (e) => e.code !== undefined],
      [{ q: '192.0.2.4' }, (e) => e.sequence % 5 === 4],
      [{ q: 'req-99' }, (e) => e.sequence === 99],
      [{ q: 'bytesIn' }, () => false],
      [{ q: 'users%' }, () => false],
      [{ q: 'fleet', operation: 'operation-2' }, (e) => e.api === 'fleet' && e.sequence % 4 === 2],
    ]
    for (const [filter, passes] of cases) {
      test(`filters by ${JSON.stringify(filter)}`, async () => {
        const expected = all.filter(passes).map((event) => event.sequence)
        assert.deepEqual(await sequences(filter), expected.toReversed())
        // The same, page by page.
        const paged: number[] = []
        let cursor: string | undefined
        do {
          const page = await store.query(filter, 3, cursor)
          paged.push(...page.events.map((event) => event.sequence))
          cursor = page.next
        } while (cursor !== undefined)
        assert.deepEqual(paged, expected.toReversed())
      })
    }

    test('a search that has no time left says where to go on, and misses nothing', async () => {
      for (const filter of [{}, { method: 'GET' }, { q: 'users' }, { operation: 'operation-2' }] as const) {
        const seen: number[] = []
        let cursor: string | undefined
        let pages = 0
        do {
          const page = await store.query(filter, 10, cursor, 0)
          seen.push(...page.events.map((event) => event.sequence))
          cursor = page.next
          pages++
          assert.ok(pages < 500)
        } while (cursor !== undefined)
        assert.deepEqual(seen, await sequences(filter))
      }
    })

    test('hostile filter values and cursors are only values', async () => {
      for (const value of [
        "' or 1=1 --",
        '%',
        '_',
        '\0',
        'user-3\0',
        '\u{10ffff}',
        '',
        'x'.repeat(100_000),
      ]) {
        if (value !== '') assert.deepEqual(await sequences({ sub: value }), [])
        assert.deepEqual(await sequences({ id: value }), [])
        assert.deepEqual(await sequences({ code: value }), [])
        if (value !== '' && value !== '_') {
          assert.deepEqual(await sequences({ q: value }), [])
          assert.deepEqual(await sequences({ operationPrefix: value }), [])
          assert.deepEqual(await sequences({ method: value }), [])
        }
        assert.deepEqual((await store.query({}, 5, value)).events, [])
      }
    })

    test('keeps values of any text', async () => {
      const other = await create()
      const text = 'a\0b\r\n\u001b[31m\u2028\u202e"}\ud83d\ude00'
      await other.append([sampleEvent(1, { sub: text, path: text, reason: text, id: text })])
      const { events } = await other.query({ sub: text, id: text }, 5)
      assert.equal(events[0]?.sub, text)
      assert.equal(events[0]?.path, text)
      const found = await other.query({ q: text.toUpperCase() }, 5)
      assert.equal(found.events.length, 1)
      await other.close()
    })

    test('an empty append is nothing', async () => {
      await store.append([])
      assert.equal((await sequences({})).length, 100)
    })
  })
}

async function allOf(lines: AsyncIterable<string>): Promise<string[]> {
  const all: string[] = []
  for await (const line of lines) all.push(line)
  return all
}
