import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { TOTP } from 'otpauth'
import { type Account, isRefused } from '../../src/authority/accounts/account.ts'
import type { AccountHooks } from '../../src/authority/accounts/options.ts'
import {
  type AccountsBed,
  createAccountsBed,
  goodPassword,
  mailsAreOut,
  visitOf,
} from '../../src/authority/accounts/test-bed/accounts-bed.ts'

const plenty = { rate: 1e6, windowMs: 1_000, burst: 1e6 }
const other = 'seven quiet herons on a wall'
let bed: AccountsBed
let alice: Account
const signedOut: (readonly [string, string | undefined])[] = []
const hooks: AccountHooks = {
  onDisabled: async () => {},
  onSessionEnd: async () => {},
  onSignOut: async (sub, keep) => {
    signedOut.push([sub, keep])
  },
}

before(async () => {
  bed = await createAccountsBed({
    hooks,
    pollMs: 0,
    budgets: { network: plenty, client: plenty, everybody: plenty },
  })
  alice = await bed.signUp('alice@mail.example')
})
after(() => bed.close())

const signIn = (password: string, email = 'alice@mail.example') =>
  bed.accounts.signIn(email, password, visitOf())

describe('U09 registration', () => {
  test('no account before the address is confirmed; the link works once, for 15 minutes', async () => {
    await bed.accounts.register('New@Mail.Example', goodPassword, 'New', visitOf())
    const token = await bed.mailed()
    assert.ok(Buffer.from(token, 'base64url').length * 8 >= 128)
    assert.ok(isRefused(await signIn(goodPassword, 'new@mail.example')))
    const all = await Promise.all(Array.from({ length: 10 }, () => bed.accounts.verifyEmail(token)))
    assert.equal(all.filter((one) => !isRefused(one)).length, 1)
    assert.ok(!isRefused(await signIn(goodPassword, 'new@mail.example')))

    await bed.accounts.register('late@mail.example', goodPassword, undefined, visitOf())
    const late = await bed.mailed()
    bed.clock.pass(15 * 60_000)
    assert.deepEqual(await bed.accounts.verifyEmail(late), { refused: 'expired' })
  })

  test('an address that is taken: the same answer, a mail to its owner, no link, the old password stays', async () => {
    const mails = bed.mails.length
    assert.equal(await bed.accounts.register('ALICE@mail.example', other, 'Mallory', visitOf()), undefined)
    await mailsAreOut()
    const sent = bed.mails.slice(mails)
    assert.deepEqual(
      sent.map((mail) => mail.to),
      ['alice@mail.example'],
    )
    assert.doesNotMatch(sent[0]?.text ?? '', /token|Mallory/)
    assert.ok(!isRefused(await signIn(goodPassword)))
  })

  test('two links of one address: the first that is opened wins, the other does nothing', async () => {
    await bed.accounts.register('race@mail.example', goodPassword, undefined, visitOf())
    const first = await bed.mailed()
    await bed.accounts.register('race@mail.example', other, undefined, visitOf())
    const second = await bed.mailed()
    assert.ok(!isRefused(await bed.accounts.verifyEmail(second)))
    assert.deepEqual(await bed.accounts.verifyEmail(first), { refused: 'expired' })
    assert.ok(!isRefused(await signIn(other, 'race@mail.example')))
  })

  test('a mailbox is not flooded, and mails carry no words of who asked', async () => {
    const before = bed.mails.length
    for (let i = 0; i < 30; i++)
      await bed.accounts.register('flood@mail.example', goodPassword, 'BUY http://evil.example', visitOf())
    await new Promise((resolve) => setTimeout(resolve, 50))
    assert.equal(bed.mails.length - before, 5)
    assert.ok(bed.mails.every((mail) => !mail.text.includes('evil.example') && !mail.subject.includes('BUY')))
  })
})

describe('U09 reset', () => {
  test('single use, 15 minutes, ends sessions, takes locks off, tells the owner', async () => {
    await bed.accounts.sessions.open(alice.sub, ['pwd'], visitOf())
    await bed.accounts.requestReset('alice@mail.example', visitOf())
    const token = await bed.mailed()
    await bed.accounts.requestReset('alice@mail.example', visitOf())
    const second = await bed.mailed()
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, i) => bed.accounts.reset(token, `${other} ${i}`, visitOf())),
    )
    const won = answers.indexOf(undefined)
    assert.equal(answers.filter((one) => one === undefined).length, 1)
    assert.ok(!isRefused(await signIn(`${other} ${won}`)))
    assert.ok(isRefused(await signIn(goodPassword)))
    assert.deepEqual(await bed.accounts.sessions.list(alice.sub), [])
    assert.deepEqual(signedOut.at(-1), [alice.sub, undefined])
    await mailsAreOut()
    assert.match(bed.mails.at(-1)?.text ?? '', /password was reset/)
    assert.deepEqual(
      await bed.accounts.reset(second, goodPassword, visitOf()),
      { refused: 'expired' },
      'older links end',
    )

    await bed.accounts.requestReset('alice@mail.example', visitOf())
    const late = await bed.mailed()
    bed.clock.pass(15 * 60_000)
    assert.deepEqual(await bed.accounts.reset(late, goodPassword, visitOf()), { refused: 'expired' })
  })

  test('a token is good for its own purpose alone, and what is no token is none', async () => {
    await bed.accounts.requestReset('alice@mail.example', visitOf())
    const token = await bed.mailed()
    assert.deepEqual(await bed.accounts.verifyEmail(token), { refused: 'expired' })
    assert.deepEqual(await bed.accounts.redeemSetup(token, 'x@mail.example', other, visitOf()), {
      refused: 'expired',
    })
    for (const odd of [
      '',
      'x',
      `${token}A`,
      token.slice(1),
      token.toLowerCase(),
      '\u0000',
      'x'.repeat(10_000),
    ])
      if (odd !== token)
        assert.deepEqual(await bed.accounts.reset(odd, other, visitOf()), { refused: 'expired' })
    assert.equal(await bed.accounts.reset(token, goodPassword, visitOf()), undefined)
  })

  test('an unknown or disabled account gets no mail; the answer is the same', async () => {
    const disabled = await bed.signUp('off@mail.example')
    await bed.accounts.people.disable(disabled.sub, 'test')
    const before = bed.mails.length
    assert.equal(await bed.accounts.requestReset('nobody@mail.example', visitOf()), undefined)
    assert.equal(await bed.accounts.requestReset('off@mail.example', visitOf()), undefined)
    await new Promise((resolve) => setTimeout(resolve, 20))
    assert.equal(bed.mails.length, before)
  })

  test('the mail goes to the address of the account, whatever was typed', async () => {
    await bed.accounts.requestReset('aLiCe@MAIL.example', visitOf())
    await bed.mailed()
    assert.equal(bed.mails.at(-1)?.to, 'alice@mail.example')
  })

  test('a reset does not pass by the second factor, and takes none off', async () => {
    const { sub } = await bed.signUp('mfa@mail.example')
    const draft = await bed.accounts.totp.begin(sub)
    assert.ok(!isRefused(draft))
    const code = new TOTP({ secret: draft.secret }).generate({ timestamp: bed.clock.now() })
    assert.ok(!isRefused(await bed.accounts.totp.confirm(sub, code, visitOf())))
    await bed.accounts.requestReset('mfa@mail.example', visitOf())
    assert.equal(
      await bed.accounts.reset(await bed.mailed(), 'vek trol', visitOf()),
      undefined,
      '8 are enough here',
    )
    const answer = await signIn('vek trol', 'mfa@mail.example')
    assert.ok(!isRefused(answer))
    assert.equal(answer.secondFactorNeeded, true)
    assert.equal(answer.device, '', 'half a sign-in makes no known device')
    // And that password may not be left alone.
    assert.deepEqual(await bed.accounts.totp.remove(sub, visitOf()), { refused: 'password-too-short' })
    await bed.accounts.people.removeFactors(sub, 'test')
    assert.ok(isRefused(await signIn('vek trol', 'mfa@mail.example')))
  })
})

describe('U09 change', () => {
  test('needs the current password, ends the other sessions, tells the owner', async () => {
    const { sub } = await bed.signUp('change@mail.example')
    const mine = await bed.accounts.sessions.open(sub, ['pwd'], visitOf())
    const theirs = await bed.accounts.sessions.open(sub, ['pwd'], visitOf())
    const change = (current: string) =>
      bed.accounts.changePassword(sub, current, other, visitOf({ session: mine.id }))
    assert.deepEqual(await change('not it'), { refused: 'credentials' })
    assert.ok(await bed.accounts.sessions.find(theirs.id))
    assert.equal(await change(goodPassword), undefined)
    assert.ok(await bed.accounts.sessions.find(mine.id))
    assert.equal(await bed.accounts.sessions.find(theirs.id), undefined)
    assert.deepEqual(signedOut.at(-1), [sub, mine.id])
    await mailsAreOut()
    assert.match(bed.mails.at(-1)?.text ?? '', /password was changed/)
    assert.ok(!isRefused(await signIn(other, 'change@mail.example')))
  })

  test('guessing the current one is throttled too', async () => {
    const { sub } = await bed.signUp('guess@mail.example')
    const answers = []
    for (let i = 0; i < 8; i++)
      answers.push(await bed.accounts.changePassword(sub, `wrong ${i}`, other, visitOf()))
    assert.deepEqual(answers.at(-1)?.refused, 'throttled')
  })
})
