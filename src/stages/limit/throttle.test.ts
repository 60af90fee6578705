import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { limitWith, limitRule as rule } from '../../../test/support/limit-with.ts'
import { makeCall, makeOperation, makePrincipal } from '../../../test/support/make-call.ts'
import { systemClock } from '../../kernel/clock.ts'
import type { Authorized } from '../../kernel/facts.ts'
import { emptyGrant } from '../../kernel/grant.ts'
import { type Denial, isDenied } from '../../kernel/verdict.ts'
import type { Admission } from './create-limit.ts'
import { FairQueue } from './fair-queue.ts'
import type { Amount } from './options.ts'

const read = makeOperation(0, 'GET /trips')
const call = (sub: string, signal?: AbortSignal): Authorized => ({
  ...makeCall(read, { principal: makePrincipal(sub) }),
  grant: emptyGrant,
  ...(signal !== undefined && { signal }),
})

function throttle(more: Partial<Extract<Amount, { kind: 'throttle' }>> = {}): Amount {
  return { kind: 'throttle', spec: { rate: 50, windowMs: 1000, burst: 1 }, queue: 4, delayMs: 5000, ...more }
}
const limitOf = (amount: Amount, per = 'caller') =>
  limitWith([read], [rule({ amount, per: [per] })], { clock: systemClock })

const codes = (outcomes: readonly (Admission | Denial)[]): string[] =>
  outcomes.map((one) => (isDenied(one) ? one.code : 'passed'))

describe('throttle', () => {
  it('spreads calls evenly and refuses at once what finds no place', async () => {
    const limit = limitOf(throttle())
    const begin = performance.now()
    const passedAt: number[] = []
    const outcomes = Array.from({ length: 8 }, async () => {
      const outcome = await limit.run(call('1'))
      if (!isDenied(outcome)) passedAt.push(performance.now() - begin)
      return outcome
    })
    const refused = await Promise.race(outcomes.slice(5))
    assert.ok(isDenied(refused))
    assert.equal(refused.code, 'LIMIT_QUEUE')
    assert.equal(refused.fields?.[0], 'Retry-After')
    const all = codes(await Promise.all(outcomes))
    assert.equal(all.filter((one) => one === 'passed').length, 5)
    assert.equal(all.filter((one) => one === 'LIMIT_QUEUE').length, 3)
    // Five at 50 a second: the last not before 80 ms, whatever the machine.
    assert.ok((passedAt.at(-1) ?? 0) >= 78, `${passedAt}`)
    for (const [i, at] of passedAt.entries()) assert.ok(at >= i * 20 - 2, `${passedAt}`)
  })

  it('callers that share a key take turns: one with four waiting does not keep another out', async () => {
    const limit = limitOf(throttle(), 'api')
    const order: string[] = []
    const send = async (sub: string) => {
      const outcome = await limit.run(call(sub))
      order.push(`${sub} ${isDenied(outcome) ? 'refused' : 'passed'}`)
    }
    const greedy = Array.from({ length: 6 }, () => send('greedy'))
    await Promise.all([...greedy, send('modest')])
    assert.ok(order.includes('modest passed'))
    const passed = order.filter((one) => one.endsWith('passed'))
    assert.ok(passed.indexOf('modest passed') <= 2, passed.join(', '))
    assert.equal(passed.length, 5)
  })

  it('nobody waits longer than the delay, and who leaves makes room', async () => {
    const slow = limitOf(throttle({ spec: { rate: 1, windowMs: 60_000, burst: 1 }, queue: 1, delayMs: 50 }))
    assert.ok(!isDenied(await slow.run(call('1'))))
    const waited = await slow.run(call('1'))
    assert.equal(isDenied(waited) && waited.code, 'LIMIT_QUEUE')
    const gone = new AbortController()
    const leaving = slow.run(call('1', gone.signal))
    assert.ok(leaving instanceof Promise)
    gone.abort()
    assert.ok(isDenied(await leaving))
    assert.ok(slow.run(call('1')) instanceof Promise, 'there is room to wait again')
  })

  it('a call that is refused by another rule has not taken a turn', () => {
    const limit = limitWith(
      [read],
      [
        rule({ name: 'rate', rate: { rate: 1, windowMs: 60_000, burst: 1 } }),
        rule({
          name: 'pace',
          amount: throttle({ spec: { rate: 2, windowMs: 60_000, burst: 2 } }),
          per: ['api'],
        }),
      ],
      { clock: systemClock },
    )
    assert.ok(!isDenied(limit.run(call('1')) as Admission | Denial))
    for (let i = 0; i < 10; i++) assert.ok(isDenied(limit.run(call('1')) as Admission | Denial))
    assert.ok(!isDenied(limit.run(call('2')) as Admission | Denial))
  })
})

describe('fair queue', () => {
  it('a caller without anything waiting goes first, but not twice in a round', () => {
    const queue = new FairQueue<string>(100)
    for (let i = 0; i < 20; i++) queue.push('a', `a${i}`)
    queue.push('b', 'b0')
    assert.deepEqual([queue.shift(), queue.shift()], ['a0', 'b0'])
    queue.push('b', 'b1')
    queue.push('c', 'c0')
    assert.deepEqual([queue.shift(), queue.shift(), queue.shift()], ['c0', 'a1', 'b1'])
    queue.push('b', 'b2')
    assert.deepEqual([queue.shift(), queue.shift()], ['a2', 'b2'])
  })
  it('who asks all the time still gets every eighth turn', () => {
    const queue = new FairQueue<string>(10_000)
    for (let i = 0; i < 100; i++) queue.push('a', 'a')
    queue.shift()
    for (let i = 0; i < 1000; i++) queue.push(`n${i}`, 'new')
    const turns = Array.from({ length: 80 }, () => queue.shift())
    assert.ok(turns.filter((one) => one === 'a').length >= 5)
  })
  it('callers take turns, each in their own order', () => {
    const queue = new FairQueue<string>(10)
    for (const item of ['a1', 'a2', 'a3', 'b1', 'c1', 'b2'])
      assert.equal(queue.push(item.slice(0, 1), item), undefined)
    const order = Array.from({ length: 7 }, () => queue.shift())
    assert.deepEqual(order, ['a1', 'b1', 'c1', 'a2', 'b2', 'a3', undefined])
  })
  it('where it is full the newest of the longest leaves; the longest itself is refused', () => {
    const queue = new FairQueue<string>(3)
    for (const item of ['a1', 'a2', 'a3']) queue.push('a', item)
    assert.equal(queue.push('a', 'a4'), 'a4')
    assert.equal(queue.push('b', 'b1'), 'a3')
    assert.equal(queue.push('b', 'b2'), 'b2')
    assert.equal(queue.push('c', 'c1'), 'a2')
    assert.equal(queue.push('d', 'd1'), 'd1')
    assert.equal(queue.size, 3)
    assert.ok(queue.remove('b', 'b1'))
    assert.ok(!queue.remove('b', 'b1'))
    assert.deepEqual([queue.shift(), queue.shift(), queue.shift(), queue.size], ['a1', 'c1', undefined, 0])
  })
})
