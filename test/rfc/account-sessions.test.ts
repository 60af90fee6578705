import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { isRefused } from '../../src/authority/accounts/account.ts'
import type { AccountHooks } from '../../src/authority/accounts/options.ts'
import {
  type AccountsBed,
  createAccountsBed,
  goodPassword,
  visitOf,
} from '../../src/authority/accounts/test-bed/accounts-bed.ts'

const folder = mkdtempSync(join(tmpdir(), 'sallyport-accounts-'))
after(() => rmSync(folder, { recursive: true, force: true }))

function recording(): AccountHooks & { readonly calls: string[] } {
  const calls: string[] = []
  return {
    calls,
    async onDisabled(sub) {
      calls.push(`disabled ${sub}`)
    },
    async onSignOut(sub, keep) {
      calls.push(`signed out ${sub} ${keep ?? '-'}`)
    },
    async onSessionEnd(sub, id) {
      calls.push(`ended ${sub} ${id}`)
    },
  }
}

async function until(isSo: () => boolean, ms: number): Promise<number> {
  const start = performance.now()
  while (!isSo()) {
    assert.ok(performance.now() - start < ms, `not within ${ms} ms`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return performance.now() - start
}

describe('U12 sessions', () => {
  let bed: AccountsBed
  before(async () => {
    bed = await createAccountsBed({ sessionLimits: { idleMs: 3_600_000, longestMs: 12 * 3_600_000 } })
  })
  after(() => bed.close())

  test('ids of 192 random bits, listed with where they come from, the current one marked', async () => {
    const { sub } = await bed.signUp('list@mail.example')
    const one = await bed.accounts.sessions.open(sub, ['pwd'], visitOf())
    bed.clock.pass(1)
    const visit = visitOf({ address: '2001:db8::1', userAgent: `Evil\u0000\u001b[31m${'x'.repeat(500)}` })
    const two = await bed.accounts.sessions.open(sub, ['pwd', 'otp', 'mfa'], visit)
    assert.ok(Buffer.from(one.id, 'base64url').length >= 16)
    assert.notEqual(one.id, two.id)
    const list = await bed.accounts.sessions.list(sub, one.id)
    assert.deepEqual(
      list.map((session) => [session.id, session.current]),
      [
        [two.id, false],
        [one.id, true],
      ],
    )
    assert.equal(list[0]?.address, '2001:db8::1')
    assert.match(list[0]?.userAgent ?? '', /^Evil \x20\[31mx{200,}$/)
    assert.ok((list[0]?.userAgent.length ?? 0) <= 256)
  })

  test('idle and absolute limits hold on the server', async () => {
    const { sub } = await bed.signUp('limits@mail.example')
    const idle = await bed.accounts.sessions.open(sub, ['pwd'], visitOf())
    const used = await bed.accounts.sessions.open(sub, ['pwd'], visitOf())
    for (let i = 0; i < 12; i++) {
      bed.clock.pass(3_599_000)
      assert.ok(await bed.accounts.sessions.find(used.id), `hour ${i}`)
    }
    assert.equal(await bed.accounts.sessions.find(idle.id), undefined)
    bed.clock.pass(60_000)
    assert.equal(await bed.accounts.sessions.find(used.id), undefined, 'twelve hours are the end')
    assert.deepEqual(await bed.accounts.sessions.list(sub), [])
  })

  test('an ended session is dead at once; nobody ends a session of somebody else', async () => {
    const { sub } = await bed.signUp('end@mail.example')
    const { id } = await bed.accounts.sessions.open(sub, ['pwd'], visitOf())
    const bob = await bed.signUp('other@mail.example')
    assert.equal(await bed.accounts.sessions.end(bob.sub, id), false)
    assert.ok(await bed.accounts.sessions.find(id))
    assert.equal(await bed.accounts.sessions.end(sub, id), true)
    assert.equal(await bed.accounts.sessions.find(id), undefined)
    assert.equal(await bed.accounts.sessions.end(sub, id), false)
    for (const odd of ['', 'x', '\u0000', 'x'.repeat(5_000)])
      assert.equal(await bed.accounts.sessions.find(odd), undefined)
  })

  test('sign-out everywhere keeps the one that asks', async () => {
    const { sub } = await bed.signUp('everywhere@mail.example')
    const ids = []
    for (let i = 0; i < 4; i++) ids.push((await bed.accounts.sessions.open(sub, ['pwd'], visitOf())).id)
    await bed.accounts.sessions.endAll(sub, ids[2])
    const left = await Promise.all(ids.map((id) => bed.accounts.sessions.find(id)))
    assert.deepEqual(
      left.map((one) => one !== undefined),
      [false, false, true, false],
    )
  })
})

describe('U13 administration', () => {
  test('a fresh start has no account, no password that works, and one set-up link', async () => {
    const bed = await createAccountsBed()
    assert.deepEqual(await bed.accounts.people.list(10), { accounts: [], next: undefined })
    for (const email of ['admin@localhost.example', 'admin@api.travel.example', 'root@mail.example', 'admin'])
      for (const password of [
        'admin',
        'password',
        'sallyport',
        '',
        'changeme',
        'edd1c9f034335f136f87ad84b625c8f1',
      ])
        assert.ok(isRefused(await bed.accounts.signIn(email, password, visitOf())))
    const old = await bed.accounts.people.createSetupToken()
    const link = await bed.accounts.people.createSetupToken()
    assert.ok(old && link && old.token !== link.token)
    assert.ok(link.link.startsWith('https://api.travel.example/auth/account/set-up?token='))
    const redeem = (token: string, password = goodPassword) =>
      bed.accounts.redeemSetup(token, 'admin@mail.example', password, visitOf())
    assert.deepEqual(await redeem(old.token), { refused: 'expired' }, 'a newer link ends the older')
    assert.deepEqual(await redeem(link.token, 'short'), { refused: 'password-too-short' })
    const all = await Promise.all(Array.from({ length: 5 }, () => redeem(link.token)))
    assert.equal(all.filter((one) => !isRefused(one)).length, 1)
    assert.deepEqual((await bed.accounts.people.findByEmail('admin@mail.example'))?.roles, ['admin'])
    assert.equal(await bed.accounts.people.createSetupToken(), undefined, 'there is an account now')
    await bed.close()
  })

  test('the set-up link lives an hour', async () => {
    const bed = await createAccountsBed()
    const link = await bed.accounts.people.createSetupToken()
    bed.clock.pass(3_600_000)
    const answer = await bed.accounts.redeemSetup(
      link?.token ?? '',
      'a@mail.example',
      goodPassword,
      visitOf(),
    )
    assert.deepEqual(answer, { refused: 'expired' })
    await bed.close()
  })

  test('disabling ends sessions and tokens before it answers; nothing signs in until it is enabled', async () => {
    const hooks = recording()
    const bed = await createAccountsBed({ hooks, pollMs: 0 })
    const { sub } = await bed.signUp('off@mail.example')
    await bed.accounts.requestReset('off@mail.example', visitOf())
    const token = await bed.mailed()
    const { id } = await bed.accounts.sessions.open(sub, ['pwd'], visitOf())
    assert.equal(await bed.accounts.people.disable(sub, 'cli:root'), true)
    assert.deepEqual(hooks.calls, [`disabled ${sub}`])
    assert.equal(await bed.accounts.sessions.find(id), undefined)
    assert.ok(isRefused(await bed.accounts.signIn('off@mail.example', goodPassword, visitOf())))
    assert.ok(isRefused(await bed.accounts.reset(token, goodPassword, visitOf())))
    assert.ok(isRefused(await bed.accounts.secondFactor(sub, '000000', visitOf())))
    assert.ok(
      isRefused(await bed.accounts.changePassword(sub, goodPassword, 'seven quiet herons', visitOf())),
    )
    assert.equal((await bed.accounts.find(sub))?.disabled, true)
    assert.ok(bed.events.some((event) => event.kind === 'disabled' && event.by === 'cli:root'))
    await bed.accounts.people.enable(sub, 'cli:root')
    assert.ok(!isRefused(await bed.accounts.signIn('off@mail.example', goodPassword, visitOf())))
    await bed.close()
  })

  test('a session opened while the account is disabled does not count', async () => {
    const bed = await createAccountsBed()
    const { sub } = await bed.signUp('race@mail.example')
    await bed.accounts.people.disable(sub, 'test')
    const { id } = await bed.accounts.sessions.open(sub, ['pwd'], visitOf())
    assert.equal(await bed.accounts.sessions.find(id), undefined)
    await bed.close()
  })

  test('a command in another process reaches a gateway that runs within 5 s, once each, also where a hook failed', async (t) => {
    const path = join(folder, 'two.db')
    const hooks = recording()
    let failures = 2
    const flaky: AccountHooks = {
      ...hooks,
      async onDisabled(sub) {
        if (failures-- > 0) throw new Error('not now')
        return hooks.onDisabled(sub)
      },
    }
    const gateway = await createAccountsBed({ hooks: flaky, pollMs: 250 }, path)
    const command = await createAccountsBed({}, path)
    const { sub } = await gateway.signUp('far@mail.example')
    const { id } = await gateway.accounts.sessions.open(sub, ['pwd'], visitOf())
    await new Promise((resolve) => setTimeout(resolve, 300))
    await command.accounts.people.disable(sub, 'cli:root')
    assert.equal(await gateway.accounts.sessions.find(id), undefined, 'at once, by the store')
    const took = await until(() => hooks.calls.includes(`disabled ${sub}`), 5_000)
    t.diagnostic(`tokens ended after ${took.toFixed(0)} ms, two failures of the hook included`)
    await command.accounts.people.endSessions(sub, 'cli:root')
    await until(() => hooks.calls.includes(`signed out ${sub} -`), 5_000)
    await command.accounts.people.remove(sub, 'cli:root')
    await until(() => hooks.calls.filter((call) => call === `disabled ${sub}`).length === 2, 5_000)
    assert.equal(hooks.calls.length, 3)
    assert.equal(await gateway.accounts.find(sub), undefined)
    await command.close()
    await gateway.close()
  })

  test('roles, sessions, unlock, links, removal: each is an event with who did it', async () => {
    const hooks = recording()
    const bed = await createAccountsBed({ hooks, pollMs: 0 })
    const { people } = bed.accounts
    const made = await people.create(
      { email: 'Made@mail.example', name: 'Made', roles: ['reader'], emailVerified: false },
      'cli:root',
    )
    assert.ok(made !== undefined && !isRefused(made))
    const again = { email: 'made@mail.example', name: undefined, roles: [], emailVerified: true }
    assert.equal(await people.create(again, 'cli:root'), undefined)
    assert.ok(isRefused((await people.create({ ...again, email: 'no' }, 'cli:root')) ?? {}))
    assert.ok(isRefused(await bed.accounts.signIn('made@mail.example', '', visitOf())), 'no password yet')
    const link = await people.resetLink(made.sub, 'cli:root')
    assert.equal(await bed.accounts.reset(link?.token ?? '', goodPassword, visitOf()), undefined)
    assert.equal((await bed.accounts.find(made.sub))?.emailVerified, false, 'no mail proved the address')
    assert.equal(await people.setRoles(made.sub, ['admin', 'admin', 'reader'], 'cli:root'), true)
    assert.deepEqual((await bed.accounts.find(made.sub))?.roles, ['admin', 'reader'])
    assert.equal(await people.endSessions(made.sub, 'cli:root'), true)
    assert.equal(await people.unlock(made.sub, 'cli:root'), true)
    assert.equal(await people.remove(made.sub, 'cli:root'), true)
    for (const method of ['disable', 'enable', 'remove', 'unlock', 'endSessions', 'removeFactors'] as const)
      assert.equal(await people[method](made.sub, 'cli:root'), false, method)
    const kinds = bed.events.filter((event) => event.by === 'cli:root').map((event) => event.kind)
    assert.deepEqual(kinds, [
      'created',
      'link-made',
      'roles-changed',
      'sessions-ended',
      'sessions-ended',
      'unlocked',
      'removed',
    ])
    await bed.close()
  })

  test('lists come in pages, by address', async () => {
    const bed = await createAccountsBed()
    for (const name of ['d', 'a', 'c', 'b', 'e'])
      await bed.accounts.people.create(
        { email: `${name}@mail.example`, name, roles: [], emailVerified: true },
        'test',
      )
    const names: (string | undefined)[] = []
    let after: string | undefined
    do {
      const page = await bed.accounts.people.list(2, after)
      names.push(...page.accounts.map((account) => account.name))
      after = page.next
    } while (after !== undefined)
    assert.deepEqual(names, ['a', 'b', 'c', 'd', 'e'])
    await bed.close()
  })
})
