import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { AccountRepositories } from '../../src/repositories/account-repositories.ts'
import type { TokenRecord } from '../../src/repositories/account-tokens.ts'
import type { AccountRecord } from '../../src/repositories/accounts.ts'

export interface OpenRepositories {
  readonly repositories: AccountRepositories
  close(): Promise<void>
}

const now = Date.UTC(2030, 0, 1)

function account(sub: string, over: Partial<AccountRecord> = {}): AccountRecord {
  return {
    sub,
    email: `${sub}@Mail.example`,
    emailKey: `${sub}@mail.example`,
    emailVerified: true,
    name: undefined,
    roles: [],
    disabled: false,
    created: now,
    password: '$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA',
    passwordAlone: true,
    ...over,
  }
}

function token(digest: string, over: Partial<TokenRecord> = {}): TokenRecord {
  return { digest, kind: 'reset', sub: 'a', payload: '{}', expires: now + 1_000, ...over }
}

/** What every store of accounts promises; the same suite runs over each of them. */
export function accountRepositoriesSuite(name: string, open: () => Promise<OpenRepositories>): void {
  describe(`account repositories: ${name}`, () => {
    let opened: OpenRepositories
    let of: AccountRepositories
    before(async () => {
      opened = await open()
      of = opened.repositories
    })
    after(() => opened.close())
    const together = <T>(n: number, run: (i: number) => Promise<T>): Promise<T[]> =>
      Promise.all(Array.from({ length: n }, (_, i) => run(i)))

    test('accounts: what is written is read; one address is one account, also for many at once', async () => {
      const full = account('full', { name: 'Ünï "quoted" 🦔', roles: ['a', 'b'], disabled: true })
      assert.equal(await of.accounts.insert(full), true)
      assert.deepEqual(await of.accounts.bySub('full'), full)
      assert.deepEqual(await of.accounts.byEmail('full@mail.example'), full)
      assert.equal(await of.accounts.byEmail('Full@mail.example'), undefined, 'keys are exact')
      assert.equal(await of.accounts.insert(full), false)
      const won = await together(10, (i) =>
        of.accounts.insert(account(`many${i}`, { emailKey: 'one@mail.example' })),
      )
      assert.equal(won.filter(Boolean).length, 1)
    })

    test('accounts: a change touches what it names and nothing else', async () => {
      await of.accounts.insert(account('change', { name: 'N', roles: ['r'] }))
      assert.equal(await of.accounts.update('change', { disabled: true }), true)
      assert.deepEqual(
        await of.accounts.bySub('change'),
        account('change', { name: 'N', roles: ['r'], disabled: true }),
      )
      await of.accounts.update('change', { password: undefined, name: undefined, disabled: false })
      assert.deepEqual(
        await of.accounts.bySub('change'),
        account('change', { roles: ['r'], password: undefined }),
      )
      assert.equal(await of.accounts.update('nobody', { disabled: true }), false)
    })

    test('accounts: hostile texts are data', async () => {
      const odd = `'; drop table accounts; -- \u0000 \u202e "`
      await of.accounts.insert(account('odd', { name: odd, emailKey: odd, roles: [odd] }))
      assert.equal((await of.accounts.byEmail(odd))?.name, odd)
      assert.equal(await of.accounts.bySub("odd' or '1'='1"), undefined)
    })

    test('accounts: listed by address, in pages', async () => {
      for (const sub of ['z1', 'z3', 'z2']) await of.accounts.insert(account(sub))
      const first = await of.accounts.list(2, 'z')
      assert.deepEqual(
        first.map((one) => one.sub),
        ['z1', 'z2'],
      )
      assert.deepEqual(
        (await of.accounts.list(2, first[1]?.emailKey)).map((one) => one.sub),
        ['z3'],
      )
    })

    test('tokens: taken once, by one of many, for their kind, before their end', async () => {
      assert.equal(await of.tokens.put(token('t1')), true)
      assert.equal(await of.tokens.put(token('t1', { sub: 'b' })), false, 'a digest is put once')
      assert.equal(await of.tokens.take('t1', 'verify', now), undefined)
      assert.equal(await of.tokens.take('t1', 'reset', now + 1_000), undefined)
      assert.deepEqual(await of.tokens.peek('t1', 'reset', now), token('t1'))
      const taken = await together(10, () => of.tokens.take('t1', 'reset', now))
      assert.deepEqual(
        taken.filter((one) => one !== undefined),
        [token('t1')],
      )
      assert.equal(await of.tokens.peek('t1', 'reset', now), undefined)
    })

    test('tokens: dropped by person and kind, pruned by time', async () => {
      await of.tokens.put(token('d1', { sub: 'drop' }))
      await of.tokens.put(token('d2', { sub: 'drop', kind: 'verify' }))
      await of.tokens.put(token('d3', { sub: 'other' }))
      await of.tokens.drop('drop', 'reset')
      assert.equal(await of.tokens.peek('d1', 'reset', now), undefined)
      assert.ok(await of.tokens.peek('d2', 'verify', now))
      await of.tokens.prune(now + 1_000)
      assert.equal(await of.tokens.peek('d3', 'reset', 0), undefined)
    })

    test('authenticators: one until it is confirmed, then kept; a step is used once', async () => {
      assert.equal(await of.factors.totp('f'), undefined)
      assert.equal(await of.factors.putTotp('f', 's1'), true)
      assert.equal(await of.factors.putTotp('f', 's2'), true)
      assert.deepEqual(await of.factors.totp('f'), { secret: 's2', confirmed: false, lastStep: -1 })
      const used = await together(10, () => of.factors.useStep('f', 60_000_000))
      assert.equal(used.filter(Boolean).length, 1)
      assert.equal(await of.factors.useStep('f', 59_999_999), false)
      assert.equal(await of.factors.putTotp('f', 's3'), false)
      assert.deepEqual(await of.factors.totp('f'), { secret: 's2', confirmed: true, lastStep: 60_000_000 })
      assert.equal(await of.factors.removeTotp('f'), true)
      assert.equal(await of.factors.removeTotp('f'), false)
    })

    test('recovery codes: replaced as a whole, taken once, by their owner alone', async () => {
      await of.factors.putRecoveryCodes('r', ['c1', 'c2'])
      await of.factors.putRecoveryCodes('r', ['c3', 'c4'])
      assert.equal(await of.factors.countRecoveryCodes('r'), 2)
      assert.equal(await of.factors.takeRecoveryCode('r', 'c1'), false)
      assert.equal(await of.factors.takeRecoveryCode('other', 'c3'), false)
      const taken = await together(10, () => of.factors.takeRecoveryCode('r', 'c3'))
      assert.equal(taken.filter(Boolean).length, 1)
      await of.factors.putRecoveryCodes('r', [])
      assert.equal(await of.factors.countRecoveryCodes('r'), 0)
    })

    test('passkeys: an id is one passkey; used, listed, removed', async () => {
      const passkey = {
        id: 'p1',
        sub: 'p',
        name: 'Key',
        publicKey: 'AAAA',
        counter: 4_294_967_295,
        transports: ['usb', 'nfc'],
        synced: true,
        created: now,
        lastUsed: undefined,
      }
      assert.equal(await of.passkeys.insert(passkey), true)
      assert.equal(await of.passkeys.insert({ ...passkey, sub: 'thief' }), false)
      assert.deepEqual(await of.passkeys.byId('p1'), passkey)
      await of.passkeys.used('p1', 7, now + 1)
      assert.deepEqual(await of.passkeys.of('p'), [{ ...passkey, counter: 7, lastUsed: now + 1 }])
      assert.equal(await of.passkeys.remove('thief', 'p1'), false)
      assert.equal(await of.passkeys.remove('p', 'p1'), true)
      assert.deepEqual(await of.passkeys.of('p'), [])
    })

    test('sessions: found with the state of their account, ended by their owner, pruned by time', async () => {
      await of.accounts.insert(account('s'))
      const session = {
        id: 's1',
        sub: 's',
        amr: ['pwd'],
        created: now,
        lastSeen: now,
        address: '192.0.2.1',
        userAgent: 'x',
      }
      await of.sessions.put(session)
      await of.sessions.put({ ...session, amr: ['pwd', 'otp'] })
      assert.deepEqual(await of.sessions.find('s1'), {
        ...session,
        amr: ['pwd', 'otp'],
        accountDisabled: false,
      })
      await of.accounts.update('s', { disabled: true })
      assert.equal((await of.sessions.find('s1'))?.accountDisabled, true)
      assert.equal(await of.sessions.end('other', 's1'), false)
      assert.equal(await of.sessions.end('s', 's1'), true)
      for (const id of ['e1', 'e2', 'e3'])
        await of.sessions.put({ ...session, id, created: now + Number(id[1]) })
      assert.deepEqual(
        (await of.sessions.of('s')).map((one) => one.id),
        ['e3', 'e2', 'e1'],
      )
      assert.deepEqual([...(await of.sessions.endAll('s', 'e2'))].sort(), ['e1', 'e3'])
      await of.sessions.seen('e2', now + 50)
      await of.sessions.prune(now + 50, now)
      assert.equal((await of.sessions.of('s')).length, 1)
      await of.sessions.prune(now + 51, now)
      assert.equal((await of.sessions.of('s')).length, 0)
    })

    test('devices: the last seen are kept, an id stays with its person', async () => {
      for (let i = 0; i < 5; i++) await of.devices.seen(`dev${i}`, 'd', now + i, 3)
      assert.equal(await of.devices.count('d'), 3)
      assert.equal(await of.devices.isKnown('dev0', 'd'), false)
      assert.equal(await of.devices.isKnown('dev4', 'd'), true)
      await of.devices.seen('dev4', 'thief', now + 9, 3)
      assert.equal(await of.devices.isKnown('dev4', 'thief'), false)
      await of.devices.forget('d')
      assert.equal(await of.devices.count('d'), 0)
    })

    test('attempts: of many who count at once, one gets each number', async () => {
      assert.deepEqual(await of.attempts.of('k'), { failures: 0, nextAt: 0 })
      const first = await together(10, (i) => of.attempts.swap('k', 0, { failures: 1, nextAt: i }))
      assert.equal(first.filter(Boolean).length, 1)
      assert.equal(await of.attempts.swap('k', 1, { failures: 2, nextAt: 8.64e15 }), true)
      assert.deepEqual(await of.attempts.of('k'), { failures: 2, nextAt: 8.64e15 })
      await of.attempts.clear(['k', 'nobody'])
      assert.deepEqual(await of.attempts.of('k'), { failures: 0, nextAt: 0 })
      assert.deepEqual(await of.attempts.of('nobody'), { failures: 0, nextAt: 0 }, 'clearing makes no row')
    })

    test('signals: numbered in order, none lost among many at once, pruned by time', async () => {
      const signal = { at: now, sub: 'x', kind: 'disabled', session: undefined } as const
      const numbers = await together(10, () => of.signals.put(signal))
      assert.deepEqual(
        [...numbers].sort((a, b) => a - b),
        [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
      )
      await of.signals.put({ at: now + 5, sub: 'y', kind: 'signed-out', session: 'keep' })
      assert.deepEqual(
        (await of.signals.after(9)).map((one) => [one.seq, one.sub, one.session]),
        [
          [10, 'x', undefined],
          [11, 'y', 'keep'],
        ],
      )
      assert.equal(await of.signals.acted(), 0)
      await of.signals.markActed(11)
      await of.signals.markActed(3)
      assert.equal(await of.signals.acted(), 11)
      await of.signals.prune(now + 5)
      assert.deepEqual(
        (await of.signals.after(0)).map((one) => one.seq),
        [11],
      )
    })

    test('removing an account takes everything of it, and nothing of others', async () => {
      for (const sub of ['gone', 'stays']) {
        await of.accounts.insert(account(sub))
        await of.tokens.put(token(`token-${sub}`, { sub }))
        await of.factors.putTotp(sub, 's')
        await of.factors.putRecoveryCodes(sub, [`code-${sub}`])
        await of.devices.seen(`device-${sub}`, sub, now, 9)
      }
      assert.equal(await of.accounts.remove('gone'), true)
      assert.equal(await of.accounts.remove('gone'), false)
      const left = async (sub: string): Promise<unknown[]> => [
        await of.accounts.bySub(sub),
        await of.tokens.peek(`token-${sub}`, 'reset', now),
        await of.factors.totp(sub),
        (await of.factors.countRecoveryCodes(sub)) || undefined,
        (await of.devices.count(sub)) || undefined,
      ]
      assert.ok((await left('gone')).every((one) => one === undefined))
      assert.ok((await left('stays')).every((one) => one !== undefined))
    })
  })
}
