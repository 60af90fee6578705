import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { TOTP } from 'otpauth'
import { type Account, isRefused } from '../../src/authority/accounts/account.ts'
import { parseRecoveryCode } from '../../src/authority/accounts/recovery-code.ts'
import {
  type AccountsBed,
  createAccountsBed,
  goodPassword,
  visitOf,
} from '../../src/authority/accounts/test-bed/accounts-bed.ts'

const plenty = { rate: 1e6, windowMs: 1_000, burst: 1e6 }
let bed: AccountsBed
let alice: Account
let secret = ''
let recoveryCodes: readonly string[] = []

before(async () => {
  bed = await createAccountsBed({ budgets: { network: plenty, client: plenty, everybody: plenty } })
  alice = await bed.signUp('alice@mail.example')
  const draft = await bed.accounts.totp.begin(alice.sub)
  assert.ok(!isRefused(draft))
  secret = draft.secret
})
after(() => bed.close())

/** The code of so many steps from now. */
const codeAt = (steps = 0): string =>
  new TOTP({ secret }).generate({ timestamp: bed.clock.now() + steps * 30_000 })
const give = (code: string) => bed.accounts.secondFactor(alice.sub, code, visitOf())
const wrong = (): string => {
  const near = [-2, -1, 0, 1, 2].map((step) => codeAt(step))
  return (
    ['111111', '222222', '333333', '444444', '555555', '666666'].find((code) => !near.includes(code)) ?? ''
  )
}

test('U10 the secret has 160 bits, its URI is what apps read, and it counts only once confirmed', async () => {
  const draft = await bed.accounts.totp.begin(alice.sub)
  assert.ok(!isRefused(draft))
  secret = draft.secret
  assert.match(secret, /^[A-Z2-7]{32}$/)
  assert.match(
    draft.uri,
    /^otpauth:\/\/totp\/Travel:alice%40mail\.example\?issuer=Travel&secret=[A-Z2-7]{32}&/,
  )
  assert.match(draft.uri, /algorithm=SHA1&digits=6&period=30/)
  assert.deepEqual((await bed.accounts.find(alice.sub))?.secondFactors, [])
  assert.deepEqual(await give(codeAt()), { refused: 'code' })
  assert.deepEqual(await bed.accounts.totp.confirm(alice.sub, wrong(), visitOf()), { refused: 'code' })
  const answer = await bed.accounts.totp.confirm(alice.sub, codeAt(), visitOf())
  assert.ok(!isRefused(answer))
  recoveryCodes = answer.recoveryCodes
  assert.deepEqual((await bed.accounts.find(alice.sub))?.secondFactors, ['totp'])
  assert.deepEqual(await bed.accounts.totp.begin(alice.sub), { refused: 'unavailable' }, 'none is replaced')
})

test('U10 the values of RFC 6238 appendix B, cut to six digits', () => {
  const seed = new TOTP({ secret: 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ' })
  for (const [time, code] of [
    [59, '287082'],
    [1111111109, '081804'],
    [1111111111, '050471'],
    [1234567890, '005924'],
    [2000000000, '279037'],
  ] as const)
    assert.equal(seed.generate({ timestamp: time * 1_000 }), code)
})

test('U10 a step is used once, also by many at the same time, and none before it any more', async () => {
  assert.deepEqual(await give(codeAt()), { refused: 'code' }, 'it was used to confirm')
  bed.clock.pass(90_000)
  const all = await Promise.all(Array.from({ length: 4 }, () => give(codeAt())))
  assert.equal(all.filter((one) => !isRefused(one)).length, 1)
  assert.deepEqual(await give(codeAt(-1)), { refused: 'code' })
  bed.clock.pass(30_000)
  const next = await give(codeAt())
  assert.ok(!isRefused(next))
  assert.deepEqual([next.amr, next.secondFactorNeeded], [['pwd', 'otp', 'mfa'], false])
  assert.notEqual(next.device, '')
})

test('U10 one step before and one after, no more', async () => {
  for (const [steps, good] of [
    [-2, false],
    [-1, true],
    [2, false],
    [1, true],
  ] as const) {
    bed.clock.pass(600_000)
    assert.equal(!isRefused(await give(codeAt(steps))), good, `${steps} steps`)
  }
})

test('U10 five wrong codes, then a delay that grows; parallel tries share the five', async () => {
  bed.clock.pass(600_000)
  assert.ok(!isRefused(await give(codeAt())))
  const answers = await Promise.all(Array.from({ length: 40 }, () => give(wrong())))
  const judged = answers.filter((one) => isRefused(one) && one.refused === 'code').length
  assert.ok(judged <= 5, `${judged} were judged`)
  for (let i = judged; i < 5; i++) assert.deepEqual(await give(wrong()), { refused: 'code' })
  const throttled = await give(codeAt(1))
  assert.ok(isRefused(throttled) && throttled.refused === 'throttled')
  assert.equal(throttled.retryMs, 30_000)
  bed.clock.pass(30_000)
  assert.deepEqual(await give(wrong()), { refused: 'code' })
  const longer = await give(codeAt(1))
  assert.ok(isRefused(longer) && longer.retryMs === 60_000)
  bed.clock.pass(60_000)
  assert.ok(!isRefused(await give(codeAt(1))))
})

test('U10 recovery codes: ten, 120 bits, single use, typed in any way, good while codes are locked', async () => {
  assert.equal(recoveryCodes.length, 10)
  assert.equal(new Set(recoveryCodes).size, 10)
  for (const code of recoveryCodes) assert.match(code, /^(?:[0-9A-HJKMNP-TV-Z]{4}-){5}[0-9A-HJKMNP-TV-Z]{4}$/)
  for (let i = 0; i < 12; i++) await give(wrong())
  const [first = '', second = ''] = recoveryCodes
  const all = await Promise.all(Array.from({ length: 5 }, () => give(first)))
  assert.equal(all.filter((one) => !isRefused(one)).length, 1)
  assert.ok(!isRefused(await give(` ${second.toLowerCase().replaceAll('-', ' ')} `)))
  assert.ok(isRefused(await give(second)))
  assert.equal(await bed.accounts.totp.recoveryCodesLeft(alice.sub), 8)
  assert.equal(parseRecoveryCode('x'.repeat(10_000)), undefined)
  assert.ok(bed.events.some((event) => event.kind === 'recovery-code-used'))
})

test('U10 a code of somebody else is none; new recovery codes end the old', async () => {
  const bob = await bed.signUp('bob@mail.example')
  const [, , third = ''] = recoveryCodes
  assert.ok(isRefused(await bed.accounts.secondFactor(bob.sub, third, visitOf())))
  assert.ok(isRefused(await bed.accounts.secondFactor(bob.sub, codeAt(), visitOf())))
  const renewed = await bed.accounts.totp.renewRecoveryCodes(alice.sub, visitOf())
  assert.ok(!isRefused(renewed))
  assert.ok(isRefused(await give(third)))
  assert.ok(!isRefused(await give(renewed.recoveryCodes[0] ?? '')))
})

test('U10 a clock that jumps back makes no used code good again', async () => {
  await bed.accounts.people.unlock(alice.sub, 'test')
  bed.clock.pass(600_000)
  assert.ok(!isRefused(await give(codeAt())))
  bed.clock.jump(-300_000)
  assert.deepEqual(await give(codeAt()), { refused: 'code' })
  bed.clock.jump(300_000)
})

test('U10 the password alone does not sign in; taking the authenticator off ends its codes', async () => {
  const answer = await bed.accounts.signIn('alice@mail.example', goodPassword, visitOf())
  assert.ok(!isRefused(answer) && answer.secondFactorNeeded)
  bed.clock.pass(600_000)
  assert.equal(await bed.accounts.totp.remove(alice.sub, visitOf()), undefined)
  assert.equal(await bed.accounts.totp.recoveryCodesLeft(alice.sub), 0)
  assert.ok(isRefused(await give(codeAt())))
  const alone = await bed.accounts.signIn('alice@mail.example', goodPassword, visitOf())
  assert.ok(!isRefused(alone) && !alone.secondFactorNeeded)
})
