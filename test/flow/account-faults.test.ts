import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TOTP } from 'otpauth'
import { isRefused, type Refused } from '../../src/authority/accounts/account.ts'
import {
  type AccountsBed,
  createAccountsBed,
  goodPassword,
  visitOf,
} from '../../src/authority/accounts/test-bed/accounts-bed.ts'
import { createAccountRepositories } from '../../src/repositories/account-repositories.ts'
import { createSqliteStateStore } from '../../src/stores/sqlite/state-store.ts'
import { failNthStatement } from '../contract/fail-nth-statement.ts'

interface Prepared {
  readonly sub: string
  readonly token: string
  readonly secret: string
  readonly session: string
}

const other = 'seven quiet herons on a wall'
const email = 'alice@mail.example'

/** Whatever is done while the store fails at its nth statement, for every n. */
const deeds: readonly (readonly [
  string,
  (bed: AccountsBed, prepared: Prepared) => Promise<unknown>,
  (bed: AccountsBed, prepared: Prepared) => Promise<void>,
])[] = [
  ['a wrong password', (bed) => bed.accounts.signIn(email, 'wrong', visitOf()), async () => {}],
  ['a wrong code', (bed, { sub }) => bed.accounts.secondFactor(sub, '000000', visitOf()), async () => {}],
  [
    'a wrong current password',
    (bed, { sub }) => bed.accounts.changePassword(sub, 'wrong', other, visitOf()),
    async (bed) => {
      assert.ok(isRefused(await bed.accounts.signIn(email, other, visitOf())))
    },
  ],
  [
    'a token that was never issued',
    (bed) => bed.accounts.reset('A'.repeat(43), other, visitOf()),
    async (bed) => {
      assert.ok(isRefused(await bed.accounts.signIn(email, other, visitOf())))
    },
  ],
]

for (const [what, run, holds] of deeds)
  test(`${what}: refused or a fault, whichever statement fails; never let in`, async (t) => {
    const statements = await forEachStatement(run, async (bed, prepared, answer) => {
      assert.ok(answer === undefined || isRefused(answer as Refused))
      await holds(bed, prepared)
    })
    t.diagnostic(`${statements} statements failed one by one`)
  })

test('disabling: when it resolves, nothing is open; when it rejects, it says so', async (t) => {
  const statements = await forEachStatement(
    async (bed, { sub }) => ((await bed.accounts.people.disable(sub, 'test')) ? 'done' : undefined),
    async (bed, { sub, session }, answer) => {
      if (answer !== 'done') return
      assert.equal(await bed.accounts.sessions.find(session), undefined)
      assert.equal((await bed.accounts.find(sub))?.disabled, true)
    },
  )
  t.diagnostic(`${statements} statements failed one by one`)
})

test('a reset: a token that was taken counts once, also where what follows fails', async (t) => {
  const statements = await forEachStatement(
    (bed, { token }) => bed.accounts.reset(token, other, visitOf()),
    async (bed, { token }) => {
      const again = await bed.accounts.reset(token, goodPassword, visitOf())
      const signIn = (password: string) => bed.accounts.signIn(email, password, visitOf())
      const open = [await signIn(goodPassword), await signIn(other)].filter((one) => !isRefused(one))
      assert.equal(open.length, 1, `exactly one password is in force (${JSON.stringify(again)})`)
    },
  )
  t.diagnostic(`${statements} statements failed one by one`)
})

/** Gives how many statements there were to fail. */
async function forEachStatement(
  run: (bed: AccountsBed, prepared: Prepared) => Promise<unknown>,
  then: (bed: AccountsBed, prepared: Prepared, answer: unknown) => Promise<void>,
): Promise<number> {
  for (let nth = 1; ; nth++) {
    const store = await createSqliteStateStore(':memory:')
    const whole = await createAccountsBed({ repositories: createAccountRepositories(store.db) })
    const prepared = await prepare(whole)
    let failed = false
    const broken = await createAccountsBed({
      repositories: createAccountRepositories(failNthStatement(store.db, nth)),
    })
    const answer = await run(broken, prepared).catch((error: unknown) => {
      assert.match(String(error), /statement failed/)
      failed = true
      return undefined
    })
    await then(whole, prepared, answer)
    await broken.close()
    await whole.close()
    await store.close()
    if (!failed) {
      assert.ok(nth > 1, 'no statement at all')
      return nth - 1
    }
  }
}

async function prepare(bed: AccountsBed): Promise<Prepared> {
  const { sub } = await bed.signUp(email)
  const draft = await bed.accounts.totp.begin(sub)
  assert.ok(!isRefused(draft))
  const code = new TOTP({ secret: draft.secret }).generate({ timestamp: bed.clock.now() })
  assert.ok(!isRefused(await bed.accounts.totp.confirm(sub, code, visitOf())))
  const { id } = await bed.accounts.sessions.open(sub, ['pwd'], visitOf())
  await bed.accounts.requestReset(email, visitOf())
  return { sub, token: await bed.mailed(), secret: draft.secret, session: id }
}
