import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { createAttemptGuard } from './attempt-guard.ts'
import { codeDelay, type DelayRule, delayAfter, never, ownDelay, strangerDelay } from './delay.ts'
import { type AccountsBed, createAccountsBed } from './test-bed/accounts-bed.ts'

let bed: AccountsBed
before(async () => {
  bed = await createAccountsBed()
})
after(() => bed.close())

test('a hundred at once, as from several processes, share the places of one row', async () => {
  const guards = [0, 1].map(() => createAttemptGuard(bed.repositories.attempts, bed.clock))
  const attempts = await Promise.all(
    Array.from({ length: 100 }, (_, i) => guards[i % 2]?.begin('parallel', strangerDelay)),
  )
  const allowed = attempts.filter((one) => one?.allowed === true)
  assert.ok(allowed.length <= strangerDelay.free + 1, `${allowed.length} were allowed`)
  assert.equal(
    new Set(allowed.map((one) => one?.failures)).size,
    allowed.length,
    'each has a number of its own',
  )
})

test('a try that was not judged is taken back; a success ends the row; the clock going back opens nothing', async () => {
  const guard = createAttemptGuard(bed.repositories.attempts, bed.clock)
  for (let i = 0; i < 10; i++) await guard.withdraw('busy', await guard.begin('busy', strangerDelay))
  assert.equal((await guard.begin('busy', strangerDelay)).failures, 1)
  await guard.succeeded('busy')
  for (let i = 0; i < 4; i++) await guard.begin('busy', strangerDelay)
  assert.equal((await guard.begin('busy', strangerDelay)).allowed, false)
  bed.clock.jump(-86_400_000)
  assert.equal((await guard.begin('busy', strangerDelay)).allowed, false)
  bed.clock.jump(86_400_000)
})

test('property: waits never get shorter, and end in none that ends', () => {
  const rule = fc.constantFrom<DelayRule>(strangerDelay, ownDelay, codeDelay)
  fc.assert(
    fc.property(rule, fc.integer({ min: 1, max: 300 }), (one, failures) => {
      assert.ok(delayAfter(one, failures) <= delayAfter(one, failures + 1))
      assert.equal(delayAfter(one, failures) === never, failures >= one.lastAt)
    }),
  )
  assert.ok(strangerDelay.lastAt + ownDelay.lastAt <= 100 && codeDelay.lastAt <= 100)
})
