import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Breaker } from './breaker.ts'

const options = { failures: 0.5, calls: 20, openMs: 5000, probes: 3 }

function run(breaker: Breaker, good: boolean, now: number): boolean {
  if (breaker.enter(now) > 0) return false
  breaker.record(good, now, now)
  return true
}

test('Q07: the breaker opens at half of twenty calls, tries again after its time, and closes when all tries succeed', () => {
  const breaker = new Breaker(options)
  for (let i = 0; i < 10; i++) run(breaker, true, 1000)
  for (let i = 0; i < 9; i++) run(breaker, false, 1000)
  assert.equal(breaker.state, 'closed')
  run(breaker, false, 1000)
  assert.equal(breaker.state, 'open')
  assert.equal(breaker.enter(2000), 4000)
  assert.ok(!run(breaker, true, 5999))
  assert.equal(breaker.enter(6000), 0)
  assert.equal(breaker.state, 'half-open')
  for (let i = 0; i < 2; i++) assert.equal(breaker.enter(6000), 0)
  assert.ok(breaker.enter(6000) > 0)
  for (let i = 0; i < 3; i++) breaker.record(true, 6000, 6100)
  assert.equal(breaker.state, 'closed')
  assert.ok(run(breaker, true, 6200))
})

test('a try that fails leaves it alone for twice as long, up to a minute', () => {
  const breaker = new Breaker(options)
  for (let i = 0; i < 20; i++) run(breaker, false, 0)
  let now = 0
  for (const wait of [5000, 10_000, 20_000, 40_000, 60_000, 60_000]) {
    assert.ok(breaker.enter(now + wait - 1) > 0)
    now += wait
    assert.equal(breaker.enter(now), 0)
    breaker.record(false, now, now)
    assert.equal(breaker.state, 'open')
  }
})

test('calls of before neither open nor close it, and failures fade after ten seconds', () => {
  const breaker = new Breaker(options)
  for (let i = 0; i < 20; i++) run(breaker, false, 1000)
  breaker.record(true, 900, 7000)
  assert.equal(breaker.enter(7000), 0)
  breaker.record(false, 900, 7001)
  assert.equal(breaker.state, 'half-open')
  const quiet = new Breaker(options)
  for (let i = 0; i < 19; i++) run(quiet, false, 1000)
  for (let i = 0; i < 19; i++) run(quiet, false, 12_000)
  assert.equal(quiet.state, 'closed')
  for (let i = 0; i < 19; i++) run(quiet, false, 1e9)
  assert.equal(quiet.state, 'closed')
})

test('Q07: no slot is lost in a million cycles', () => {
  const breaker = new Breaker({ ...options, openMs: 10 })
  let now = 0
  let passed = 0
  for (let i = 0; i < 1_000_000; i++) {
    now += 7
    if (breaker.enter(now) > 0) continue
    passed++
    // Good, bad, and ends that tell nothing, all mixed.
    breaker.record(i % 5 === 0 ? undefined : i % 3 !== 0, now, now)
  }
  assert.ok(passed > 100_000, String(passed))
  for (let i = 0; i < 200; i++) {
    now += 61_000
    if (breaker.enter(now) === 0) breaker.record(true, now, now)
  }
  assert.equal(breaker.state, 'closed')
})

test('on any sequence: a breaker that is open lets nobody pass, and one that hears only good closes in the end', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ good: fc.constantFrom(true, false, undefined), wait: fc.nat(3000) }), {
        maxLength: 300,
      }),
      (steps) => {
        const breaker = new Breaker(options)
        let now = 0
        for (const { good, wait } of steps) {
          now += wait
          const before = breaker.state
          const wanted = breaker.enter(now)
          if (before === 'open' && breaker.state === 'open') assert.ok(wanted > 0)
          if (wanted === 0) breaker.record(good, now, now)
        }
        for (let i = 0; i < 20 && breaker.state !== 'closed'; i++) {
          now += 61_000
          for (let probe = 0; probe < 3; probe++) if (breaker.enter(now) === 0) breaker.record(true, now, now)
        }
        assert.equal(breaker.state, 'closed')
      },
    ),
  )
})
