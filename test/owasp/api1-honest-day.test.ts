import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Operation } from '../../src/kernel/operation.ts'
import { isDenied } from '../../src/kernel/verdict.ts'
import { createLedgerJournal } from '../../src/repositories/ledger-journal.ts'
import type { Ledger } from '../../src/stages/authorize/ledger/create-ledger.ts'
import { createMemoryLedger, type MemoryLedger } from '../../src/stores/memory/ledger-store.ts'
import { createStateFiles } from '../contract/state-files.ts'
import { createRandom, replyOf, TravelCompany } from '../support/honest-day.ts'
import { learnedRule, ledgerWith, travelContract } from '../support/ledger-with.ts'
import { makeCall, makeInspected, makePrincipal } from '../support/make-call.ts'

const users = 200
const hour = 3_600_000
const minute = 60_000
const files = createStateFiles(createLedgerJournal)

interface Counts {
  honest: number
  refused: number
  readonly why: Map<string, number>
}

/**
 * A day of 200 travellers, four administrators and a few who probe, through the real ledger: sessions with lists, reads,
 * changes, bookings and cancellations; bookings shared with fellow travellers, who mostly see them in their list first
 * and sometimes open the link they were sent; tokens that change with every session; a restart of the gateway at noon.
 */
test('an honest day of 200 users: at most 0.1 % refused; at least 99 % of foreign ids are', async (t) => {
  const random = createRandom(20_261_124)
  const chance = (share: number): boolean => random() < share
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T
  const contract = travelContract()
  const operations = new Map(contract.operations.map((one) => [one.id, one]))
  let now = Date.now()
  const clock = { now: () => now, monotonic: () => now }
  const journal = await files.open()
  const open = async (): Promise<{ store: MemoryLedger; ledger: Ledger }> => {
    const store = createMemoryLedger({ secret: await journal.secret(), journal, batchMs: 5 })
    const rules = [
      learnedRule('booking', { allow: "'admin' in caller.roles" }),
      learnedRule('user', { allow: "'admin' in caller.roles" }),
    ]
    return { store, ledger: ledgerWith(contract, store, rules, clock) }
  }
  let { store, ledger } = await open()
  const company = new TravelCompany(random)
  const counts: Counts = { honest: 0, refused: 0, why: new Map() }
  let probes = 0
  let stopped = 0
  let checkMs = 0
  let session = 0

  /** One call through the ledger; false where it was refused. The upstream answers whatever is asked of it. */
  const send = async (
    sub: string,
    operation: string,
    params: Record<string, string>,
    answer: readonly [number, unknown?],
    roles: readonly string[] = [],
  ): Promise<boolean> => {
    const call = makeCall(operations.get(operation) as Operation, {
      principal: makePrincipal(sub, { roles, credential: `session ${session}` }),
      ...(operation === 'deleteUser'
        ? { pairs: [{ name: 'account', value: params['account'] ?? '' }] }
        : { params }),
    })
    const start = performance.now()
    const waiting = ledger.run(call)
    const said = waiting instanceof Promise ? await waiting : waiting
    if (!(waiting instanceof Promise)) checkMs += performance.now() - start
    if (isDenied(said)) return false
    ledger.lesson(makeInspected(call, undefined))?.run(answer[0], answer[1], undefined)
    return true
  }
  const honestly = async (why: string, ...call: Parameters<typeof send>): Promise<boolean> => {
    counts.honest++
    const passed = await send(...call)
    if (!passed) {
      counts.refused++
      counts.why.set(why, (counts.why.get(why) ?? 0) + 1)
    }
    return passed
  }
  const probe = async (...call: Parameters<typeof send>): Promise<void> => {
    probes++
    if (!(await send(...call))) stopped++
  }

  const everybody = Array.from({ length: users }, (_, i) => String(1000 + i))
  for (const user of everybody) for (let i = Math.floor(random() * 4); i > 0; i--) company.create(user)

  const travel = async (user: string): Promise<void> => {
    session++
    await honestly('own profile', user, 'readProfile', { userId: user }, [
      200,
      { userId: user, username: 'u' },
    ])
    // A link in a mail opens the booking before any list was shown; the page then loads the list.
    const sent = company.listOf(user)[0]
    if (sent !== undefined && chance(0.004))
      await honestly('link before list', user, 'readBooking', { bookingId: sent.bookingId }, [
        200,
        replyOf(sent),
      ])
    const listed = company.listOf(user)
    await honestly('list', user, 'listBookings', {}, [200, listed.map(replyOf)])
    for (let step = 2 + Math.floor(random() * 10); step > 0; step--) {
      now += 5_000
      const one = listed.length === 0 ? undefined : pick(listed)
      if (one === undefined || chance(0.15)) {
        const made = company.create(user)
        await honestly('create', user, 'createBooking', {}, [201, replyOf(made)])
        listed.push(made)
        if (chance(0.5)) made.guests.add(pick(everybody))
      } else if (one.cancelled) {
        await honestly('read what is gone', user, 'listBookings', {}, [
          200,
          company.listOf(user).map(replyOf),
        ])
      } else if (chance(0.1) && one.userId === user) {
        await honestly('cancel', user, 'cancelBooking', { bookingId: one.bookingId }, [204])
        one.cancelled = true
      } else if (chance(0.2))
        await honestly('change', user, 'changeBooking', { bookingId: one.bookingId }, [200, replyOf(one)])
      else await honestly('read', user, 'readBooking', { bookingId: one.bookingId }, [200, replyOf(one)])
    }
  }

  const administer = async (admin: string): Promise<void> => {
    session++
    const roles = ['admin']
    const some = Array.from({ length: 20 }, () => pick(everybody))
    await honestly('admin list', admin, 'listUsers', {}, [200, some.map((userId) => ({ userId }))], roles)
    for (let i = 0; i < 5; i++) {
      const one = pick([...company.bookings.values()])
      await honestly(
        'admin read',
        admin,
        'readBooking',
        { bookingId: one.bookingId },
        [200, replyOf(one)],
        roles,
      )
    }
    if (chance(0.1))
      await honestly('admin delete', admin, 'deleteUser', { account: pick(some) }, [204], roles)
  }

  /** A traveller with an account of their own, who got hold of real ids. */
  const attack = async (user: string): Promise<void> => {
    session++
    await honestly('list', user, 'listBookings', {}, [200, company.listOf(user).map(replyOf)])
    const foreign = [...company.bookings.values()].filter(
      (one) => one.userId !== user && !one.guests.has(user),
    )
    for (let i = 0; i < 25; i++) {
      const one = pick(foreign)
      const operation = pick(['readBooking', 'changeBooking', 'cancelBooking'])
      await probe(user, operation, { bookingId: one.bookingId }, [
        operation === 'cancelBooking' ? 204 : 200,
        replyOf(one),
      ])
      await probe(user, 'readProfile', { userId: one.userId }, [200, { userId: one.userId }])
    }
  }

  const start = now
  const sessions: { readonly at: number; readonly run: () => Promise<void> }[] = []
  for (const user of everybody)
    for (let i = 1 + Math.floor(random() * 5); i > 0; i--)
      sessions.push({ at: start + Math.floor(random() * 23 * hour), run: () => travel(user) })
  for (const admin of ['a1', 'a2', 'a3', 'a4'])
    for (let i = 0; i < 12; i++)
      sessions.push({ at: start + Math.floor(random() * 23 * hour), run: () => administer(admin) })
  for (let i = 0; i < 40; i++)
    sessions.push({
      at: start + Math.floor(random() * 23 * hour),
      run: () => attack(pick(everybody.slice(0, 8))),
    })
  sessions.sort((a, b) => a.at - b.at)

  let restarted = false
  for (const { at, run } of sessions) {
    now = Math.max(now, at)
    if (!restarted && now - start > 12 * hour) {
      restarted = true
      await store.close()
      const again = await open()
      store = again.store
      ledger = again.ledger
    }
    await run()
  }
  await store.close()

  const refused = counts.refused / counts.honest
  const caught = stopped / probes
  const { objects, bytes } = store.stats(now)
  t.diagnostic(
    `${counts.honest} honest calls in ${session} sessions, ${counts.refused} refused (${(refused * 100).toFixed(3)} %)`,
  )
  for (const [why, count] of counts.why) t.diagnostic(`refused: ${why} ${count}`)
  t.diagnostic(`${probes} foreign ids asked for, ${stopped} refused (${(caught * 100).toFixed(2)} %)`)
  t.diagnostic(
    `${((checkMs * 1000) / (counts.honest + probes)).toFixed(2)} µs a call in the check, ${objects} objects in ${bytes} bytes, restarted: ${restarted}`,
  )
  t.diagnostic(`a day is ${Math.round((now - start) / minute)} minutes`)
  assert.ok(counts.honest > 4_000 && restarted)
  assert.ok(refused <= 0.001)
  assert.ok(caught >= 0.99)
})
