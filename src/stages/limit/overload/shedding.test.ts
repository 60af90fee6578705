import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { makeCall, makeInspected, makeOperation, makePrincipal } from '../../../../test/support/make-call.ts'
import type { Answer, Inspected } from '../../../kernel/facts.ts'
import { noFields } from '../../../kernel/fields.ts'
import { anonymous } from '../../../kernel/principal.ts'
import { type Denial, deny, isDenied } from '../../../kernel/verdict.ts'
import { usualClass } from './call-class.ts'
import { ClassQueue } from './class-queue.ts'
import { FairShare } from './fair-share.ts'
import { createPressure } from './pressure.ts'
import { ShedCounts } from './shed-counts.ts'
import { UpstreamGuard, type UpstreamGuardOptions } from './upstream-guard.ts'

const operation = makeOperation(0, 'GET /trips')
const callOf = (sub: string): Inspected =>
  makeInspected(makeCall(operation, { principal: makePrincipal(sub) }), undefined)
const answer: Answer = { status: 200, fields: noFields, body: undefined, wait: 1, tunnel: undefined }

const guardOf = (more: Partial<UpstreamGuardOptions> = {}, counts = new ShedCounts()) =>
  new UpstreamGuard(
    {
      mode: 'enforce',
      concurrency: { least: 2, most: 2, tolerance: 2 },
      breaker: { failures: 0.5, calls: 4, openMs: 60_000, probes: 1 },
      waiting: 3,
      waitMs: 5000,
      ...more,
    },
    counts,
  )

describe('classes', () => {
  it('signing in and health are critical, by what the contract calls them', () => {
    const of = (id: string, template: string) => usualClass({ id, template })
    for (const [id, template] of [
      ['login', '/x'],
      ['userLogin', '/x'],
      ['POST /login', '/api/login'],
      ['signIn', '/x'],
      ['POST /oauth/token', '/oauth/token'],
      ['getHealth', '/x'],
      ['GET /healthz', '/healthz'],
    ] as const)
      assert.equal(of(id, template), 'critical', id)
    for (const [id, template] of [
      ['listBookings', '/bookings'],
      ['loginHistory2', '/loginsights'],
      ['GET /login/history', '/login/history'],
      ['tokenize', '/tokens'],
    ] as const)
      assert.equal(of(id, template), 'normal', id)
  })

  it('critical calls go first, and yet each class that waits gets one turn of eight', () => {
    const queue = new ClassQueue<string>(100)
    for (let i = 0; i < 16; i++) queue.push('critical', `c${i}`, 'critical')
    for (let i = 0; i < 16; i++) queue.push('normal', `n${i}`, 'normal')
    for (let i = 0; i < 16; i++) queue.push('low', `l${i}`, 'low')
    const first = Array.from({ length: 8 }, () => queue.shift())
    assert.equal(first.filter((one) => one === 'critical').length, 6)
    assert.ok(first.includes('normal') && first.includes('low'))
  })

  it('where it is full a less important call leaves', () => {
    const queue = new ClassQueue<string>(2)
    queue.push('low', 'a', 'low')
    queue.push('normal', 'a', 'normal')
    assert.equal(queue.push('low', 'a', 'low2'), 'low2')
    assert.equal(queue.push('critical', 'a', 'critical'), 'low')
    assert.equal(queue.push('critical', 'b', 'critical2'), 'normal')
    assert.equal(queue.push('normal', 'c', 'normal2'), 'normal2')
    assert.equal(queue.push('critical', 'a', 'critical3'), 'critical3')
    assert.equal(queue.size, 2)
  })
})

describe('upstream guard', () => {
  it('Q07: what finds no room waits, what finds no place is refused at once with 503 and Retry-After', async () => {
    const counts = new ShedCounts()
    const guard = guardOf({}, counts)
    const call = callOf('greedy')
    for (let i = 0; i < 2; i++) assert.equal(guard.enter(call, 'normal'), undefined)
    const waiting = Array.from({ length: 3 }, () => guard.enter(call, 'normal'))
    const begun = performance.now()
    const refused = await guard.enter(call, 'normal')
    assert.ok(isDenied(refused))
    assert.equal(refused.code, 'LIMIT_OVERLOAD')
    assert.equal(refused.fields?.[0], 'Retry-After')
    assert.ok(performance.now() - begun < 10)
    // Somebody else finds a place, and the greedy one's newest call leaves.
    const modest = guard.enter(callOf('modest'), 'normal')
    assert.ok(isDenied(await waiting[2]))
    guard.leave(call, answer, performance.now())
    assert.equal(await waiting[0], undefined)
    guard.leave(call, answer, performance.now())
    assert.equal(await modest, undefined)
    assert.deepEqual(counts.all(), [{ reason: 'full', kind: 'normal', outcome: 'refused', count: 2 }])
    assert.equal(guard.now.inFlight, 2)
  })

  it('who waits too long is refused; nothing stays behind', async () => {
    const guard = guardOf({ waitMs: 20 })
    for (let i = 0; i < 2; i++) guard.enter(callOf('a'), 'normal')
    assert.ok(isDenied(await guard.enter(callOf('b'), 'normal')))
    assert.deepEqual([guard.now.waiting, guard.now.inFlight], [0, 2])
  })

  it('an upstream that fails is left alone, and a caller who leaves does not make it so', () => {
    const fail = (code: 'FORWARD_TIMEOUT' | 'LISTEN_MALFORMED'): Denial => deny(code, 'forward.upstream', 'x')
    const guard = guardOf()
    const gone = new AbortController()
    gone.abort()
    const send = (call: Inspected, end: Answer | Denial | undefined): boolean => {
      if (guard.enter(call, 'normal') !== undefined) return false
      guard.leave(call, end, performance.now())
      return true
    }
    for (let i = 0; i < 100; i++) {
      assert.ok(send({ ...callOf('a'), signal: gone.signal }, fail('FORWARD_TIMEOUT')))
      assert.ok(send(callOf('a'), fail('LISTEN_MALFORMED')))
      assert.ok(send(callOf('a'), undefined))
    }
    for (let i = 0; i < 4; i++)
      send(callOf('a'), i % 2 === 0 ? { ...answer, status: 503 } : fail('FORWARD_TIMEOUT'))
    const refused = guard.enter(callOf('b'), 'critical')
    assert.ok(isDenied(refused as Denial))
    assert.ok(Number((refused as Denial).fields?.[1]) >= 59)
    assert.deepEqual([guard.now.breaker, guard.now.inFlight], ['open', 0])
  })

  it('in observe nobody waits and nobody is refused', () => {
    const counts = new ShedCounts()
    const guard = guardOf({ mode: 'observe' }, counts)
    for (let i = 0; i < 10; i++) assert.equal(guard.enter(callOf('a'), 'normal'), undefined)
    assert.deepEqual(counts.all(), [{ reason: 'full', kind: 'normal', outcome: 'observed', count: 8 }])
    for (let i = 0; i < 10; i++) guard.leave(callOf('a'), answer, performance.now())
    assert.equal(guard.now.inFlight, 0)
  })

  it('no slot is lost in 200,000 calls that pass, wait and are refused', async () => {
    const guard = guardOf({ breaker: undefined, waitMs: 60_000 })
    const call = callOf('a')
    let inside = 0
    for (let i = 0; i < 200_000; i++) {
      const entered = guard.enter(call, i % 3 === 0 ? 'critical' : 'low')
      if (entered === undefined) inside++
      else if (entered instanceof Promise)
        void entered.then((denial) => {
          if (denial === undefined) inside++
        })
      if (i % 2 === 0) await undefined
      if (inside > 0) {
        inside--
        guard.leave(call, answer, performance.now())
      }
    }
    for (let i = 0; i < 20; i++) {
      await undefined
      while (inside > 0) {
        inside--
        guard.leave(call, answer, performance.now())
      }
    }
    assert.deepEqual([guard.now.inFlight, guard.now.waiting], [0, 0])
  })
})

describe('fair share', () => {
  it('the bound lets as much through as can be served, and takes it from the greedy alone', () => {
    const share = new FairShare()
    const moment = (): { greedy: number; modest: number } => {
      const passed = { greedy: 0, modest: 0 }
      for (let i = 0; i < 1000; i++) {
        if (share.admit('greedy')) passed.greedy++
        if (i % 50 === 0 && share.admit(`modest${(i / 50) % 2}`)) passed.modest++
      }
      return passed
    }
    moment()
    share.turn(0.2)
    assert.deepEqual(moment(), { greedy: 184, modest: 20 })
    share.turn(1)
    assert.deepEqual(moment(), { greedy: 1000, modest: 20 })
  })
  it('a hundred thousand networks take no more memory than four thousand', () => {
    const share = new FairShare()
    for (let i = 0; i < 100_000; i++) share.admit(`n${i}`)
    share.turn(0.5)
    assert.ok(share.admit('n1'))
  })
})

describe('pressure', () => {
  const call = (client: string) => makeCall(operation, { principal: anonymous, client })

  it('sheds while the event loop is late, the greedy first and critical calls last, and recovers at once', (t) => {
    t.mock.timers.enable({ apis: ['setInterval'] })
    let time = 0
    const counts = new ShedCounts()
    const pressure = createPressure(
      counts,
      { mode: 'enforce', delayMs: 100, memory: 0.9 },
      { time: () => time, memory: () => 0.1 },
    )
    const tick = (lateMs: number): void => {
      time += 50 + lateMs
      t.mock.timers.tick(50)
    }
    const passed = (client: string, calls: number, kind: 'critical' | 'normal' = 'normal'): number =>
      Array.from({ length: calls }, () => pressure.enter(call(client), kind)).filter(
        (one) => one === undefined,
      ).length
    tick(0)
    assert.equal(passed('192.0.2.1', 100), 100)
    // One late turn is a long task, not a trend.
    tick(500)
    assert.equal(passed('192.0.2.1', 100), 100)
    for (let i = 0; i < 12; i++) {
      tick(300)
      passed('192.0.2.1', 100)
      passed('198.51.100.1', 2)
    }
    tick(300)
    assert.ok(pressure.now.shed > 0.8)
    assert.ok(passed('192.0.2.1', 100) < 30)
    assert.equal(passed('198.51.100.1', 2), 2)
    assert.ok(counts.all().every(({ reason, kind }) => reason === 'event-loop' && kind === 'normal'))
    let turns = 0
    while (pressure.now.shed > 0) {
      tick(0)
      turns++
    }
    assert.ok(turns <= 7, String(turns))
    assert.equal(passed('192.0.2.1', 1000), 1000)
    pressure.close()
  })

  it('few calls are not shed where the event loop is late: it is not late because of them', (t) => {
    t.mock.timers.enable({ apis: ['setInterval'] })
    let time = 0
    const pressure = createPressure(
      new ShedCounts(),
      { mode: 'enforce', delayMs: 100, memory: 0.9 },
      { time: () => time, memory: () => 0.1 },
    )
    for (let i = 0; i < 20; i++) {
      time += 1050
      t.mock.timers.tick(50)
      for (let n = 0; n < 5; n++) assert.equal(pressure.enter(call('192.0.2.1'), 'normal'), undefined)
    }
    assert.equal(pressure.now.shed, 0)
    pressure.close()
  })

  it('full memory lets only critical calls pass, until there is room again', (t) => {
    t.mock.timers.enable({ apis: ['setInterval'] })
    let time = 0
    let memory = 0.95
    const pressure = createPressure(
      new ShedCounts(),
      { mode: 'enforce', delayMs: 100, memory: 0.9 },
      { time: () => time, memory: () => memory },
    )
    const second = (): void => {
      for (let i = 0; i < 20; i++) {
        time += 50
        t.mock.timers.tick(50)
      }
    }
    second()
    const refused = pressure.enter(call('192.0.2.1'), 'normal')
    assert.equal(refused?.code, 'LIMIT_OVERLOAD')
    assert.equal(pressure.enter(call('192.0.2.1'), 'critical'), undefined)
    memory = 0.5
    second()
    assert.equal(pressure.enter(call('192.0.2.1'), 'normal'), undefined)
    pressure.close()
  })
})
