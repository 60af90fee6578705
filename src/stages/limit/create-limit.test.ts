import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { failNth } from '../../../test/contract/fail-nth.ts'
import { handClock, limitWith, limitRule as rule } from '../../../test/support/limit-with.ts'
import { makeCall, makeInspected, makeOperation, makePrincipal } from '../../../test/support/make-call.ts'
import type { Authorized } from '../../kernel/facts.ts'
import { Unusable } from '../../kernel/finding.ts'
import { emptyGrant } from '../../kernel/grant.ts'
import type { RateStore } from '../../kernel/ports.ts'
import { type Denial, isDenied } from '../../kernel/verdict.ts'
import { createMemoryRateStore } from '../../stores/memory/rate-store.ts'
import type { Admission, Limit } from './create-limit.ts'

const read = makeOperation(0, 'GET /trips')
const login = makeOperation(1, 'POST /login', { hasBody: true, security: [] })
const operations = [read, login]

const asAuthorized = (call: ReturnType<typeof makeCall>): Authorized => ({ ...call, grant: emptyGrant })
const call = (sub = '123'): Authorized => asAuthorized(makeCall(read, { principal: makePrincipal(sub) }))

function now(outcome: Admission | Denial | Promise<Admission | Denial>): Admission | Denial {
  assert.ok(!(outcome instanceof Promise), 'answered later')
  return outcome
}
const run = (limit: Limit, on = call()): Admission | Denial => now(limit.run(on))

function refusal(outcome: Admission | Denial): Denial {
  assert.ok(isDenied(outcome), 'was admitted')
  return outcome
}
function fieldsOf(outcome: Admission | Denial): Record<string, string> {
  const flat = isDenied(outcome) ? (outcome.fields ?? []) : outcome.limitFields
  const fields: Record<string, string> = {}
  for (let i = 0; i < flat.length; i += 2) fields[flat[i] ?? ''] = flat[i + 1] ?? ''
  return fields
}

/** A remote store: the same answers, later. */
function later(store: RateStore): RateStore {
  return {
    take: async (...args) => {
      await Promise.resolve()
      return store.take(...args)
    },
    charge: async (...args) => store.charge(...args),
    locked: async (...args) => store.locked(...args),
    lock: async (...args) => store.lock(...args),
    unlock: async (...args) => store.unlock(...args),
  }
}

describe('limit', () => {
  it('an operation without rule is not limited and costs no field', () => {
    const limit = limitWith(operations, [rule({ operations: [1] })])
    const admission = run(limit)
    assert.ok(!isDenied(admission))
    assert.deepEqual(admission.limitFields, [])
    admission.settle(200)
  })

  it('call N+1 is 429 with Retry-After, both fields and the violated policy', () => {
    const clock = handClock()
    const limit = limitWith(operations, [rule()], { clock })
    assert.deepEqual(fieldsOf(run(limit)), {
      'RateLimit-Policy': '"default";q=3;w=60',
      RateLimit: '"default";r=2;t=20',
    })
    clock.steady += 5000
    assert.equal(fieldsOf(run(limit))['RateLimit'], '"default";r=1;t=15')
    run(limit)
    const refused = refusal(run(limit))
    assert.equal(refused.code, 'LIMIT_RATE')
    assert.deepEqual(refused.violated, ['default'])
    assert.deepEqual(refused.fields, [
      'Retry-After',
      '15',
      'RateLimit-Policy',
      '"default";q=3;w=60',
      'RateLimit',
      '"default";r=0;t=15',
    ])
    clock.steady += 15_000
    assert.ok(!isDenied(run(limit)))
    assert.ok(isDenied(run(limit)))
  })

  it('several rules: all must pass, and a refusal takes from none', () => {
    const limit = limitWith(operations, [
      rule({ name: 'small', rate: { rate: 1, windowMs: 1000, burst: 1 } }),
      rule({ name: 'big', per: ['ip'], rate: { rate: 10, windowMs: 60_000, burst: 10 } }),
    ])
    assert.equal(fieldsOf(run(limit))['RateLimit'], '"small";r=0;t=1, "big";r=9;t=6')
    for (let i = 0; i < 20; i++) assert.deepEqual(refusal(run(limit)).violated, ['small'])
    const other = run(limit, call('456'))
    assert.equal(fieldsOf(other)['RateLimit'], '"small";r=0;t=1, "big";r=8;t=6')
    assert.equal(fieldsOf(other)['RateLimit-Policy'], '"small";q=1;w=1, "big";q=10;w=60')
  })

  it('a wall clock that jumps an hour neither locks nor opens', () => {
    const clock = handClock()
    const limit = limitWith(operations, [rule()], { clock })
    for (let i = 0; i < 3; i++) run(limit)
    for (const jump of [3_600_000, -7_200_000]) {
      clock.wall += jump
      assert.ok(isDenied(run(limit)))
    }
    clock.steady += 20_000
    assert.ok(!isDenied(run(limit)))
  })

  it('observe counts and writes down, refuses nothing and shows nothing; off is not there', () => {
    const limit = limitWith(operations, [rule({ mode: 'observe' }), rule({ name: 'gone', mode: 'off' })])
    const calls = Array.from({ length: 5 }, () => call())
    for (const one of calls) assert.deepEqual(fieldsOf(run(limit, one)), {})
    assert.deepEqual(
      calls.map((one) => one.trail.notes.map((note) => [note.verdict, note.observed])),
      [...Array(3).fill([['allow', false]]), ...Array(2).fill([['deny', true]])],
    )
  })

  it('a key in the body is judged with the body, and its fields join those of the head', () => {
    const limit = limitWith(operations, [
      rule({ operations: [0, 1], per: ['ip'], name: 'all' }),
      rule({
        operations: [1],
        per: ['ip', 'body.username'],
        name: 'login',
        rate: { rate: 1, windowMs: 60_000, burst: 1 },
      }),
    ])
    assert.deepEqual([limit.needsInput(read), limit.needsInput(login)], [false, true])
    const attempt = (username: unknown): Admission | Denial => {
      const arrived = makeCall(login)
      const admission = now(limit.run(asAuthorized(arrived)))
      if (isDenied(admission)) return admission
      return now(limit.runInput({ ...makeInspected(arrived, { username }), ...admission }))
    }
    assert.equal(fieldsOf(attempt('ada'))['RateLimit'], '"all";r=2;t=20, "login";r=0;t=60')
    assert.deepEqual(refusal(attempt('ada')).violated, ['login'])
    assert.ok(!isDenied(attempt('bob')))
    assert.deepEqual(refusal(attempt('eve')).violated, ['all'])
  })

  it('a store that answers later: same verdicts, and a refusal gives back', async () => {
    const limit = limitWith(
      operations,
      [
        rule({ name: 'small', rate: { rate: 1, windowMs: 1000, burst: 1 } }),
        rule({ name: 'big', per: ['ip'], rate: { rate: 10, windowMs: 60_000, burst: 10 } }),
      ],
      { store: later(createMemoryRateStore()) },
    )
    assert.equal(fieldsOf(await limit.run(call()))['RateLimit'], '"small";r=0;t=1, "big";r=9;t=6')
    for (let i = 0; i < 5; i++) assert.ok(isDenied(await limit.run(call())))
    assert.equal(fieldsOf(await limit.run(call('456')))['RateLimit'], '"small";r=0;t=1, "big";r=8;t=6')
  })

  it('with the nth call of the store failing, for every n: closed, or open where that is written', async () => {
    for (const wrap of [(store: RateStore) => store, later])
      for (const onFault of ['deny', 'allow'] as const)
        for (let n = 1; n <= 6; n++) {
          const limit = limitWith(
            operations,
            [rule({ onFault }), rule({ name: 'ip', per: ['ip'], onFault })],
            {
              store: wrap(failNth(createMemoryRateStore(), n)),
            },
          )
          let faults = 0
          let failedOpen = 0
          let passed = 0
          for (let i = 0; i < 6; i++) {
            const one = call()
            const outcome = await limit.run(one)
            if (!isDenied(outcome)) passed++
            else if (outcome.code === 'GATEWAY_FAULT') faults++
            failedOpen += one.trail.failedOpen
          }
          assert.ok(passed <= 3, `${passed} passed`)
          assert.deepEqual([faults, failedOpen], onFault === 'deny' ? [1, 0] : [0, 1], `n=${n}`)
        }
  })

  it('misuse stops the start', () => {
    const wrong = [
      [rule({ per: [] })],
      [rule({ per: ['nosuch'] })],
      [rule({ per: ['body.x'] })],
      [rule({ per: ['caller.roles'] })],
      [rule({ name: '' })],
      [rule({ name: 'naïve' })],
      [rule({ rate: { rate: 0, windowMs: 1000, burst: 1 } })],
      [rule({ rate: { rate: 1, windowMs: 1000, burst: 0 } })],
      [rule({ rate: { rate: 1, windowMs: 0, burst: 1 } })],
      [rule(), rule()],
    ]
    for (const rules of wrong) assert.throws(() => limitWith(operations, rules), Unusable)
  })

  it('a name with quotes stays one RFC 9651 string', () => {
    const limit = limitWith(operations, [rule({ name: 'a "b" \\c' })])
    assert.equal(fieldsOf(run(limit))['RateLimit-Policy'], '"a \\"b\\" \\\\c";q=3;w=60')
  })

  it('a key that the caller alone chooses is named', () => {
    const rules = [
      rule({ per: ["header['x-device']"] }),
      rule({ name: 'b', per: ['ip', "header['x-device']"] }),
    ]
    assert.deepEqual(
      limitWith(operations, rules).findings.map((finding) => finding.rule),
      ['open-door.limit-key-chosen'],
    )
  })
})
