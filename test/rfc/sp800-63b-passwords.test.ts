import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import fc from 'fast-check'
import { isRefused } from '../../src/authority/accounts/account.ts'
import { commonPasswords } from '../../src/authority/accounts/common-passwords.ts'
import { normalisePassword } from '../../src/authority/accounts/normalise-password.ts'
import { argon2Cost, createPasswordHasher } from '../../src/authority/accounts/password-hasher.ts'
import { createPasswordPolicy, type PasswordOwner } from '../../src/authority/accounts/password-policy.ts'
import { parsePhc } from '../../src/authority/accounts/phc.ts'
import {
  type AccountsBed,
  cheapHashing,
  createAccountsBed,
  goodPassword,
  visitOf,
} from '../../src/authority/accounts/test-bed/accounts-bed.ts'

const policy = createPasswordPolicy({ context: ['Sallyport', 'Travel', 'api.travel.example'] })
const owner: PasswordOwner = {
  email: 'alice.smith@mail.example',
  name: 'Alice Smith',
  hasSecondFactor: false,
}
const judge = (password: string, over: Partial<PasswordOwner> = {}): string | undefined =>
  policy.judge(password, { ...owner, ...over })?.refused

let bed: AccountsBed
before(async () => {
  bed = await createAccountsBed({
    budgets: { network: { rate: 10_000, windowMs: 1_000, burst: 10_000 } },
  })
})
after(() => bed.close())

describe('U01 length', () => {
  test('15 characters alone, 8 beside a second factor; characters are not code units', () => {
    assert.equal(judge('vek trol pi ahu'), undefined)
    assert.equal(judge('vek trol pi ah'), 'password-too-short')
    assert.equal(judge('vek trol', { hasSecondFactor: true }), undefined)
    assert.equal(judge('vektrol', { hasSecondFactor: true }), 'password-too-short')
    assert.equal(judge('🦔🐙🦉🐸🦊🐼🐨'), 'password-too-short')
    assert.equal(judge('🦔🐙🦉🐸🦊🐼🐨🐯🦁🐮🐷🐵🐔🐧🐦'), undefined)
  })

  test('registration, reset and change ask for it', async () => {
    const refused = await bed.accounts.register('short@mail.example', 'len < 15 dies!', undefined, visitOf())
    assert.deepEqual(refused, { refused: 'password-too-short' })
    const { sub } = await bed.signUp('u01@mail.example')
    const change = await bed.accounts.changePassword(sub, goodPassword, 'vek trol', visitOf())
    assert.deepEqual(change, { refused: 'password-too-short' })
    await bed.accounts.requestReset('u01@mail.example', visitOf())
    const token = await bed.mailed()
    assert.deepEqual(await bed.accounts.reset(token, 'vek trol', visitOf()), {
      refused: 'password-too-short',
    })
    // The token lives on: a weak password does not cost the link.
    assert.equal(await bed.accounts.reset(token, 'vek trol pi ahu', visitOf()), undefined)
  })
})

describe('U02 any Unicode, whole, normalised once', () => {
  test('long passwords with spaces and any script sign in; one changed character anywhere does not', async () => {
    const long = `${'ñandú 字 ключ 🦔 '.repeat(30)}end`
    await bed.signUp('u02@mail.example', long)
    const signIn = (password: string) => bed.accounts.signIn('u02@mail.example', password, visitOf())
    assert.ok(!isRefused(await signIn(long)))
    for (const at of [0, 71, 72, 73, 127, 128, 255, 256, long.length - 1]) {
      const changed = `${long.slice(0, at)}#${long.slice(at + 1)}`
      if (changed.isWellFormed()) assert.ok(isRefused(await signIn(changed)), `character ${at}`)
      await bed.accounts.people.unlock(
        (await bed.accounts.people.findByEmail('u02@mail.example'))?.sub ?? '',
        't',
      )
    }
    assert.ok(isRefused(await signIn(long.slice(0, -1))))
    assert.ok(isRefused(await signIn(`${long} `)))
  })

  test('NFC makes one password of two spellings, and no more than that', async () => {
    await bed.signUp('nfc@mail.example', 'cafe\u0301 am Fluß, 15')
    const signIn = (password: string) => bed.accounts.signIn('nfc@mail.example', password, visitOf())
    assert.ok(!isRefused(await signIn('caf\u00e9 am Fluß, 15')))
    assert.ok(isRefused(await signIn('cafe am Fluß, 15')))
    assert.ok(isRefused(await signIn('Caf\u00e9 am Fluß, 15')))
    assert.ok(isRefused(await signIn('caf\u00e9 am Fluß, １５')))
  })

  test('1,024 characters are taken, 1,025 and half characters are not', () => {
    const words = Array.from({ length: 400 }, (_, i) => `w${(i * 7919) % 997}`).join(' ')
    assert.equal(judge(words.slice(0, 1_024)), undefined)
    assert.equal(judge(words.slice(0, 1_025)), 'password-too-long')
    assert.equal(judge('x'.repeat(5_000_000)), 'password-too-long')
    assert.equal(judge('half a character \ud800 here'), 'password-malformed')
  })

  test('property: normalising again changes nothing, and never shortens what is not composed', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        const normal = normalisePassword(text)
        if (!text.isWellFormed()) return normal === undefined
        return normal === text.normalize('NFC') && normalisePassword(normal ?? '') === normal
      }),
    )
  })

  test('property: whatever is hashed verifies, and nothing else', async () => {
    const hasher = createPasswordHasher(cheapHashing)
    const text = fc.string({ unit: 'grapheme', maxLength: 80 })
    await fc.assert(
      fc.asyncProperty(text, text, async (one, other) => {
        const hash = await hasher.hash(one)
        assert.ok(hash !== undefined)
        assert.equal(await hasher.verify(one, hash), true)
        if (one !== other) assert.equal(await hasher.verify(other, hash), false)
      }),
      { numRuns: 60 },
    )
  })
})

test('U03 no rule of composition: one class of characters is enough; nothing expires', async () => {
  for (const password of [
    'gugelhupf mit zimt',
    'ПОЛЕЗНАЯ ЛОШАДЬ В САДУ',
    '8402951730462918',
    '....-_-_..-.--..-.',
  ])
    assert.equal(judge(password), undefined, password)
  await bed.signUp('u03@mail.example')
  bed.clock.pass(3 * 365 * 86_400_000)
  assert.ok(!isRefused(await bed.accounts.signIn('u03@mail.example', goodPassword, visitOf())))
})

describe('U04 common passwords and words of the context', () => {
  const ranked = JSON.parse(
    readFileSync(
      new URL('../../node_modules/@zxcvbn-ts/language-common/src/passwords.json', import.meta.url),
      'utf8',
    ),
  ) as string[]

  test('every password of eight characters or more of the published list is refused', (t) => {
    assert.ok(commonPasswords.size > 20_000)
    const long = ranked.filter((entry) => /^[\x21-\x7e]{8,}$/.test(entry))
    let refused = 0
    for (const entry of long) {
      for (const typed of [entry, entry.toUpperCase(), entry[0]?.toUpperCase() + entry.slice(1)])
        assert.equal(judge(typed, { hasSecondFactor: true }), 'password-common', typed)
      refused++
    }
    assert.ok(refused > 15_000)
    t.diagnostic(`${refused} passwords of the list refused; the first 3,000 of any length too`)
    for (const entry of ranked.slice(0, 3_000))
      assert.notEqual(judge(entry, { hasSecondFactor: true }), undefined, entry)
  })

  for (const password of [
    'aaaaaaaaaaaaaaaa',
    'abcabcabcabcabcabc',
    '123456789012345',
    '987654321098765',
    'abcdefghijklmnop',
    'qwertyuiopasdfghjkl',
    'passwordpassword',
    'Password12345678',
    'password1234567',
    '!!!Password2026',
    'Iloveyou1111111',
    '１２３４５６７８９０１２３４５',
  ])
    test(`common: ${password}`, () => assert.equal(judge(password), 'password-common'))

  for (const password of [
    'Sallyport-2026!',
    'sallyport travel',
    'api.travel.example',
    'alice.smith@mail.example',
    'Alice Smith 1984',
    'smith-alice-smith',
    'travel-travel-26',
  ])
    test(`context: ${password}`, () => assert.equal(judge(password), 'password-context'))

  test('a passphrase that merely has such a word in it is taken', () => {
    assert.equal(judge('alice never waters her cactus'), undefined)
    assert.equal(judge('dragon fruit at the lighthouse'), undefined)
  })

  test('refused at registration, change and reset, with the reason; an own list counts too', async () => {
    const own = await createAccountsBed({ refusedPasswords: ['Gugelhupf mit Zimt'] })
    const register = (password: string) =>
      own.accounts.register('x.y@mail.example', password, 'Xenia', visitOf())
    assert.deepEqual(await register('gugelhupf mit zimt'), { refused: 'password-common' })
    assert.deepEqual(await register('passwordpassword'), { refused: 'password-common' })
    assert.deepEqual(await register('xenia travel 2026'), { refused: 'password-context' })
    const { sub } = await own.signUp('z@mail.example')
    const change = await own.accounts.changePassword(sub, goodPassword, 'passwordpassword', visitOf())
    assert.deepEqual(change, { refused: 'password-common' })
    await own.accounts.requestReset('z@mail.example', visitOf())
    const reset = await own.accounts.reset(await own.mailed(), 'sallyport travel', visitOf())
    assert.deepEqual(reset, { refused: 'password-context' })
    await own.close()
  })

  test('property: judging never throws and takes less than 50 ms', () => {
    const hostile = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 3_000 }),
      fc.tuple(fc.string({ minLength: 1, maxLength: 3 }), fc.nat(1_000)).map(([unit, n]) => unit.repeat(n)),
    )
    fc.assert(
      fc.property(hostile, hostile, (password, name) => {
        const start = performance.now()
        judge(password, { name: name.slice(0, 200) })
        assert.ok(performance.now() - start < 50)
      }),
    )
  })
})

describe('U05 argon2id', () => {
  test('the least cost of OWASP, 16 bytes of salt, PHC string; two hashes of one password differ', async () => {
    assert.deepEqual(argon2Cost, { memory: 19_456, passes: 2, parallelism: 1 })
    const hasher = createPasswordHasher()
    const [one = '', two = ''] = [await hasher.hash('same'), await hasher.hash('same')]
    assert.match(one, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/)
    assert.equal(parsePhc(one)?.salt.length, 16)
    assert.notEqual(one, two)
    assert.equal(await hasher.verify('same', one), true)
  })

  test('a weaker hash is made anew at the next sign-in', async () => {
    const strong = { memory: 128, passes: 2, parallelism: 1 }
    const weak = await createPasswordHasher({ cost: { ...strong, passes: 1 } }).hash(goodPassword)
    const own = await createAccountsBed({ hashing: { cost: strong } })
    const { sub } = await own.signUp('weak@mail.example')
    await own.repositories.accounts.update(sub, { password: weak })
    assert.ok(isRefused(await own.accounts.signIn('weak@mail.example', 'wrong', visitOf())))
    assert.equal((await own.repositories.accounts.bySub(sub))?.password, weak)
    assert.ok(!isRefused(await own.accounts.signIn('weak@mail.example', goodPassword, visitOf())))
    assert.match((await own.repositories.accounts.bySub(sub))?.password ?? '', /m=128,t=2/)
    assert.ok(!isRefused(await own.accounts.signIn('weak@mail.example', goodPassword, visitOf())))
    await own.close()
  })
})
