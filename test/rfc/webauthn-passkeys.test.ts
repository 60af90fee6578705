import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Account, isRefused, type Refused, type SignedIn } from '../../src/authority/accounts/account.ts'
import {
  type AccountsBed,
  createAccountsBed,
  goodPassword,
  visitOf,
} from '../../src/authority/accounts/test-bed/accounts-bed.ts'
import {
  type Answer,
  createSoftwareAuthenticator,
} from '../../src/authority/accounts/test-bed/software-authenticator.ts'

const origin = 'https://api.travel.example'
const rpId = 'api.travel.example'
const authenticator = createSoftwareAuthenticator()
let bed: AccountsBed
let alice: Account

before(async () => {
  bed = await createAccountsBed()
  alice = await bed.signUp('alice@mail.example')
})
after(() => bed.close())

async function register(lie: Partial<Answer> = {}, key = authenticator): Promise<Refused | object> {
  const options = await bed.accounts.passkeys.beginRegistration(alice.sub)
  assert.ok(!isRefused(options))
  const answer = key.register({ challenge: options.challenge, origin, rpId, ...lie })
  return bed.accounts.passkeys.finishRegistration(alice.sub, answer, 'My key', visitOf())
}

async function signIn(sub?: string, lie: Partial<Answer> = {}): Promise<Refused | SignedIn> {
  const { challenge } = await bed.accounts.passkeys.beginSignIn(sub)
  const answer = authenticator.signIn({ challenge, origin, rpId, ...lie })
  return bed.accounts.passkeys.finishSignIn(sub, answer, visitOf())
}

const lies: readonly (readonly [string, Partial<Answer>])[] = [
  ['another origin', { origin: 'https://api.travel.example.evil.example' }],
  ['plain http', { origin: 'http://api.travel.example' }],
  ['another rpId', { rpId: 'travel.example' }],
  ['no user verification', { userVerified: false }],
  ['a challenge of its own', { challenge: Buffer.alloc(38, 1).toString('base64url') }],
  ['no challenge', { challenge: '' }],
]

for (const [what, lie] of lies)
  test(`U11 a registration with ${what} is refused`, async () => {
    assert.deepEqual(await register(lie, createSoftwareAuthenticator()), { refused: 'credentials' })
  })

test('U11 registration asks for user verification and takes the answer once', async () => {
  const options = await bed.accounts.passkeys.beginRegistration(alice.sub)
  assert.ok(!isRefused(options))
  assert.equal(options.rp.id, rpId)
  assert.equal(options.authenticatorSelection?.userVerification, 'required')
  assert.equal(Buffer.from(options.user.id, 'base64url').toString(), alice.sub)
  const answer = authenticator.register({ challenge: options.challenge, origin, rpId })
  const passkeys = bed.accounts.passkeys
  const made = await passkeys.finishRegistration(alice.sub, answer, 'My\u0000 key', visitOf())
  assert.ok(!isRefused(made))
  assert.equal(made.name, 'My key')
  assert.ok(isRefused(await passkeys.finishRegistration(alice.sub, answer, 'again', visitOf())))
  assert.deepEqual((await bed.accounts.find(alice.sub))?.secondFactors, ['passkey'])
})

test('U11 a passkey signs in by itself, and after the password', async () => {
  const alone = await signIn(undefined, { userHandle: Buffer.from(alice.sub).toString('base64url') })
  assert.ok(!isRefused(alone))
  assert.deepEqual(
    [alone.account.sub, alone.amr, alone.secondFactorNeeded],
    [alice.sub, ['hwk', 'mfa'], false],
  )
  const first = await bed.accounts.signIn('alice@mail.example', goodPassword, visitOf())
  assert.ok(!isRefused(first) && first.secondFactorNeeded)
  const second = await signIn(alice.sub)
  assert.ok(!isRefused(second))
  assert.deepEqual(second.amr, ['pwd', 'hwk', 'mfa'])
})

for (const [what, lie] of lies)
  test(`U11 a sign-in with ${what} is refused`, async () => {
    assert.deepEqual(await signIn(undefined, lie), { refused: 'credentials' })
  })

test('U11 a challenge works once, for five minutes, for its purpose and its person', async () => {
  const { passkeys } = bed.accounts
  const { challenge } = await passkeys.beginSignIn(undefined)
  const answer = authenticator.signIn({ challenge, origin, rpId })
  const all = await Promise.all(
    Array.from({ length: 8 }, () => passkeys.finishSignIn(undefined, answer, visitOf())),
  )
  assert.equal(all.filter((one) => !isRefused(one)).length, 1)

  const late = await passkeys.beginSignIn(undefined)
  bed.clock.pass(5 * 60_000)
  const lateAnswer = authenticator.signIn({ challenge: late.challenge, origin, rpId })
  assert.ok(isRefused(await passkeys.finishSignIn(undefined, lateAnswer, visitOf())))

  const forAlice = await passkeys.beginSignIn(alice.sub)
  const aliceAnswer = authenticator.signIn({ challenge: forAlice.challenge, origin, rpId })
  assert.ok(isRefused(await passkeys.finishSignIn(undefined, aliceAnswer, visitOf())))

  const registering = await passkeys.beginRegistration(alice.sub)
  assert.ok(!isRefused(registering))
  const crossed = authenticator.signIn({ challenge: registering.challenge, origin, rpId })
  assert.ok(isRefused(await passkeys.finishSignIn(alice.sub, crossed, visitOf())))
})

test('U11 a passkey of somebody else, or a foreign handle, signs nobody in', async () => {
  const bob = await bed.signUp('bob@mail.example')
  assert.ok(isRefused(await signIn(bob.sub)))
  assert.ok(isRefused(await signIn(undefined, { userHandle: Buffer.from(bob.sub).toString('base64url') })))
})

test('U11 a counter that goes back is refused', async () => {
  assert.ok(!isRefused(await signIn(undefined, { counter: 5 })))
  assert.ok(isRefused(await signIn(undefined, { counter: 5 })))
  assert.ok(isRefused(await signIn(undefined, { counter: 4 })))
  assert.ok(!isRefused(await signIn(undefined, { counter: 6 })))
})

test('U11 what is no answer at all is refused and never thrown', async () => {
  const odd = [undefined, null, 7, 'x', [], {}, { id: 'a' }, { id: authenticator.id, response: {} }]
  const more = [
    { id: authenticator.id, response: { clientDataJSON: 'e30' } },
    { id: authenticator.id, rawId: 'b', response: { clientDataJSON: '!!', signature: 7 } },
    { id: 'x'.repeat(5_000), response: { clientDataJSON: 'e30' } },
  ]
  for (const answer of [...odd, ...more]) {
    assert.ok(
      isRefused(
        await bed.accounts.passkeys.finishSignIn(undefined, answer, visitOf({ address: '192.0.2.99' })),
      ),
    )
    assert.ok(isRefused(await bed.accounts.passkeys.finishRegistration(alice.sub, answer, '', visitOf())))
  }
})

test('U11 a disabled account signs in by no passkey; a removed passkey is gone', async () => {
  await bed.accounts.people.disable(alice.sub, 'test')
  assert.ok(isRefused(await signIn(undefined, { counter: 7 })))
  await bed.accounts.people.enable(alice.sub, 'test')
  assert.ok(!isRefused(await signIn(undefined, { counter: 8 })))
  assert.equal(await bed.accounts.passkeys.remove(alice.sub, authenticator.id, visitOf()), undefined)
  assert.ok(isRefused(await signIn(undefined, { counter: 9 })))
})
