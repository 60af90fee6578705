import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { isRefused, type Refused, type SignedIn, type Visit } from '../../src/authority/accounts/account.ts'
import { ownDelay, strangerDelay } from '../../src/authority/accounts/delay.ts'
import { createPasswordHasher } from '../../src/authority/accounts/password-hasher.ts'
import {
  type AccountsBed,
  createAccountsBed,
  goodPassword,
  visitOf,
} from '../../src/authority/accounts/test-bed/accounts-bed.ts'

const plenty = { rate: 1e6, windowMs: 1_000, burst: 1e6 }
const unlimited = { network: plenty, client: plenty, everybody: plenty }

const wrong = 'this is not the password'

describe('U06 the same answer in the same time', () => {
  test('unknown, wrong, locked, disabled and malformed read the same', async () => {
    const bed = await createAccountsBed({ budgets: unlimited })
    const locked = await bed.signUp('locked@mail.example')
    await bed.signUp('wrong@mail.example')
    const disabled = await bed.signUp('disabled@mail.example')
    await bed.accounts.people.disable(disabled.sub, 'test')
    await lock(bed, locked.sub)
    for (const [email, password] of [
      ['nobody@mail.example', goodPassword],
      ['wrong@mail.example', wrong],
      ['wrong@mail.example', 'x'.repeat(10_000)],
      ['wrong@mail.example', '\ud800'],
      ['locked@mail.example', goodPassword],
      ['disabled@mail.example', goodPassword],
      ['not an address', goodPassword],
      ['', ''],
    ] as const)
      assert.deepEqual(
        await bed.accounts.signIn(email, password, visitOf()),
        { refused: 'credentials' },
        email,
      )
    await bed.close()
  })

  interface Timing {
    readonly median: number
    readonly fastest: number
  }

  /** Milliseconds, the cases taking turns, so that what else the machine does falls on all of them. */
  async function measure(rounds: number, cases: readonly (() => Promise<unknown>)[]): Promise<Timing[]> {
    const times = cases.map((): number[] => [])
    for (let round = -3; round < rounds; round++)
      for (const [index, run] of cases.entries()) {
        const start = performance.now()
        await run()
        if (round >= 0) times[index]?.push(performance.now() - start)
      }
    return times.map((one) => {
      one.sort((a, b) => a - b)
      return { median: one[Math.floor(one.length / 2)] ?? 0, fastest: one[0] ?? 0 }
    })
  }

  async function assertAlike(
    rounds: number,
    cases: readonly (() => Promise<unknown>)[],
    say: (text: string) => void,
  ): Promise<void> {
    // Other work on the machine may spoil a measurement, but not each of them.
    for (let tries = 1; ; tries++) {
      const found = (await measure(rounds, cases)).map((one) => one.median)
      const spread = Math.max(...found) / Math.min(...found) - 1
      say(`medians ${found.map((one) => one.toFixed(3)).join(', ')} ms: ${(spread * 100).toFixed(1)} % apart`)
      if (spread <= 0.05) return
      assert.ok(tries < 8, 'more than 5 % apart')
    }
  }

  /** Unknown, wrong, locked. */
  async function timingCases(bed: AccountsBed): Promise<(() => Promise<unknown>)[]> {
    const locked = await bed.signUp('locked@mail.example')
    const target = await bed.signUp('wrong@mail.example')
    await lock(bed, locked.sub)
    let n = 0
    const signIn = (email: string) => async (): Promise<unknown> => {
      // Keeps the second one from being locked; the others do it too.
      await bed.repositories.attempts.clear([`password:${target.sub}`])
      return bed.accounts.signIn(email, wrong, visitOf())
    }
    const unknown = [0, 1, 2].map((i) => signIn(`nobody${i}@mail.example`))
    return [
      () => unknown[n++ % 3]?.() ?? Promise.resolve(),
      signIn('wrong@mail.example'),
      signIn('locked@mail.example'),
    ]
  }

  test('sign-in: medians of 200 tries each, hashes of about a millisecond', async (t) => {
    const cost = { memory: 1_024, passes: 1, parallelism: 1 }
    const bed = await createAccountsBed({ budgets: unlimited, hashing: { cost } })
    await assertAlike(200, await timingCases(bed), (text) => t.diagnostic(text))
    await bed.close()
  })

  test('sign-in: hashes as they are: each case costs a whole one', async (t) => {
    const bed = await createAccountsBed({ budgets: unlimited, hashing: {} })
    const hasher = createPasswordHasher()
    const bare = () => hasher.verify(wrong, hasher.decoy)
    // The test before shows that all else takes the same; here memory bandwidth makes noise of more than 5 %.
    const [alone, ...cases] = await measure(8, [bare, ...(await timingCases(bed))])
    const found = cases.map((one) => one.fastest)
    t.diagnostic(
      `fastest ${found.map((one) => one.toFixed(1)).join(', ')} ms; a hash ${alone?.fastest.toFixed(1)} ms`,
    )
    for (const one of found) assert.ok(one > (alone?.fastest ?? 0) / 2 && one < (alone?.fastest ?? 0) * 2)
    await bed.close()
  })

  test('registration: an address that is taken takes as long as a free one, and answers the same', async (t) => {
    const cost = { memory: 1_024, passes: 1, parallelism: 1 }
    const bed = await createAccountsBed({ budgets: unlimited, hashing: { cost } })
    await bed.signUp('taken@mail.example')
    const register = (email: string): Promise<unknown> =>
      bed.accounts.register(email, goodPassword, undefined, visitOf())
    assert.equal(await register('taken@mail.example'), undefined)
    assert.equal(await register('free@mail.example'), undefined)
    let n = 0
    const cases = [() => register('taken@mail.example'), () => register(`free${n++ % 3}@mail.example`)]
    await assertAlike(100, cases, (text) => t.diagnostic(text))
    await bed.close()
  })

  test('reset: the answer waits for the clock, so both take as long, and answer the same', async (t) => {
    const bed = await createAccountsBed({ budgets: unlimited, floorMs: 20 })
    await bed.signUp('known@mail.example')
    const ask = (email: string): Promise<unknown> => bed.accounts.requestReset(email, visitOf())
    assert.equal(await ask('known@mail.example'), undefined)
    assert.equal(await ask('unknown@mail.example'), undefined)
    const cases = [() => ask('known@mail.example'), () => ask('unknown@mail.example')]
    await assertAlike(40, cases, (text) => t.diagnostic(text))
    await bed.close()
  })
})

describe('U07 brute force', () => {
  let bed: AccountsBed
  before(async () => {
    bed = await createAccountsBed({ budgets: unlimited })
  })
  after(() => bed.close())

  const evaluated = (sub: string): number =>
    bed.events.filter((one) => one.kind === 'sign-in-failed' && one.sub === sub && one.detail === 'password')
      .length

  test('waits grow, then lock, at most 80 guesses of strangers and 20 of known devices, ever', async () => {
    const { sub } = await bed.signUp('u07@mail.example')
    const known = await signIn(bed, 'u07@mail.example', goodPassword)
    assert.ok(!isRefused(known))
    // An attacker who comes back whenever the longest lock has ended.
    for (let i = 0; i < 150; i++) {
      for (let j = 0; j < 3; j++) await bed.accounts.signIn('u07@mail.example', wrong, visitOf())
      bed.clock.pass(25 * 3_600_000)
    }
    assert.equal(evaluated(sub), strangerDelay.lastAt)
    assert.ok(isRefused(await signIn(bed, 'u07@mail.example', goodPassword)), 'locked for strangers')

    const own = visitOf({ device: known.device })
    assert.ok(!isRefused(await signIn(bed, 'u07@mail.example', goodPassword, own)), 'the owner gets in')
    for (let i = 0; i < 50; i++) {
      await bed.accounts.signIn('u07@mail.example', wrong, own)
      bed.clock.pass(25 * 3_600_000)
    }
    assert.equal(evaluated(sub), strangerDelay.lastAt + ownDelay.lastAt)
    assert.equal(strangerDelay.lastAt + ownDelay.lastAt, 100)
    assert.ok(isRefused(await signIn(bed, 'u07@mail.example', goodPassword, own)))

    assert.equal(await bed.accounts.people.unlock(sub, 'test'), true)
    assert.ok(!isRefused(await signIn(bed, 'u07@mail.example', goodPassword)), 'an operator unlocks')
    assert.ok(bed.events.some((one) => one.kind === 'locked' && one.sub === sub))
  })

  test('a lock ends by itself, and a success ends the row of failures', async () => {
    await bed.signUp('expire@mail.example')
    const fail = (): Promise<unknown> => signIn(bed, 'expire@mail.example', wrong)
    for (let i = 0; i < 3; i++) await fail()
    assert.ok(!isRefused(await signIn(bed, 'expire@mail.example', goodPassword)), 'three are free')
    for (let i = 0; i < 4; i++) await fail()
    assert.ok(isRefused(await signIn(bed, 'expire@mail.example', goodPassword)), 'the fourth costs a second')
    bed.clock.pass(1_001)
    assert.ok(!isRefused(await signIn(bed, 'expire@mail.example', goodPassword)))
    for (let i = 0; i < 10; i++) {
      await fail()
      bed.clock.pass(60_000)
    }
    assert.ok(isRefused(await signIn(bed, 'expire@mail.example', goodPassword)), 'the tenth locks')
    bed.clock.pass(15 * 60_000)
    assert.ok(!isRefused(await signIn(bed, 'expire@mail.example', goodPassword)))
  })

  test('200 parallel guesses share the places of a few', async () => {
    const { sub } = await bed.signUp('parallel@mail.example')
    await Promise.all(Array.from({ length: 200 }, () => signIn(bed, 'parallel@mail.example', wrong)))
    assert.ok(evaluated(sub) <= 4, `${evaluated(sub)} were judged`)
  })

  test('a device cookie is for its account alone, cannot be made up, and can be taken back', async () => {
    const { sub } = await bed.signUp('device@mail.example')
    await bed.signUp('attacker@mail.example')
    const attacker = await signIn(bed, 'attacker@mail.example', goodPassword)
    const owner = await signIn(bed, 'device@mail.example', goodPassword)
    assert.ok(!isRefused(attacker) && !isRefused(owner))
    await lock(bed, sub)
    const withCookie = (device: string) =>
      signIn(bed, 'device@mail.example', goodPassword, visitOf({ device }))
    const changed = owner.device.replace(/.$/, (last) => (last === 'A' ? 'E' : 'A'))
    for (const cookie of [attacker.device, changed, '', 'x.y', '~'.repeat(300), owner.device.slice(1)])
      assert.ok(isRefused(await withCookie(cookie)), cookie)
    const both = await signIn(bed, 'attacker@mail.example', goodPassword, visitOf({ device: owner.device }))
    assert.ok(!isRefused(both))
    assert.ok(!isRefused(await withCookie(both.device)), 'one browser, two people')
    await bed.accounts.requestReset('device@mail.example', visitOf())
    await bed.accounts.reset(await bed.mailed(), `${goodPassword}!`, visitOf())
    await lock(bed, sub)
    const later = await signIn(
      bed,
      'device@mail.example',
      `${goodPassword}!`,
      visitOf({ device: owner.device }),
    )
    assert.ok(isRefused(later), 'a reset forgets the devices')
  })

  test('per address or /64, per client, and for all strangers together', async () => {
    const few = { rate: 5, windowMs: 60_000, burst: 5 }
    const perNetwork = await createAccountsBed({ budgets: { ...unlimited, network: few } })
    const perClient = await createAccountsBed({ budgets: { ...unlimited, client: few } })
    const forAll = await createAccountsBed({ budgets: { ...unlimited, everybody: few } })
    let n = 0
    const tries = async (own: AccountsBed, visit: (i: number) => Partial<Visit>): Promise<number> => {
      let throttled = 0
      for (let i = 0; i < 20; i++) {
        const answer = await own.accounts.signIn(`n${n++}@mail.example`, wrong, visitOf(visit(i)))
        if (isRefused(answer) && answer.refused === 'throttled') {
          assert.ok((answer.retryMs ?? 0) >= 1_000)
          throttled++
        }
      }
      return throttled
    }
    assert.equal(await tries(perNetwork, () => ({})), 15)
    assert.equal(await tries(perNetwork, (i) => ({ address: `2001:db8:0:7::${i}` })), 15)
    assert.equal(await tries(perNetwork, (i) => ({ address: `2001:db8:0:${i + 8}::1` })), 0)
    assert.equal(await tries(perClient, (i) => ({ address: `198.51.100.${i}`, client: 'app' })), 15)
    assert.equal(await tries(perClient, (i) => ({ address: `198.51.100.${i}`, client: `app${i}` })), 0)
    assert.equal(await tries(forAll, (i) => ({ address: `198.51.100.${i}` })), 15)
    for (const own of [perNetwork, perClient, forAll]) await own.close()
  })

  test('whoever signs in rightly spends nothing', async () => {
    const few = { rate: 5, windowMs: 60_000, burst: 5 }
    const own = await createAccountsBed({ budgets: { ...unlimited, network: few } })
    await own.accounts.people.create(
      { email: 'office@mail.example', name: undefined, roles: [], emailVerified: true },
      'test',
    )
    await own.signUp('good@mail.example')
    for (let i = 0; i < 30; i++) assert.ok(!isRefused(await signIn(own, 'good@mail.example', goodPassword)))
    await own.close()
  })
})

test('U08 stuffing: 10,000 pairs from 1,000 addresses', async (t) => {
  const bed = await createAccountsBed({
    hashing: { cost: { memory: 16, passes: 1, parallelism: 1 }, places: 5_000 },
  })
  const good: { readonly email: string; readonly device: string }[] = []
  for (let i = 0; i < 10; i++) {
    bed.clock.pass(300_000)
    const email = `good${i}@mail.example`
    await bed.signUp(email)
    const answer = await signIn(bed, email, goodPassword)
    assert.ok(!isRefused(answer))
    good.push({ email, device: answer.device })
  }
  bed.clock.pass(600_000)
  bed.events.length = 0
  const began = bed.clock.now()
  let evaluated = 0
  let alertedAt: number | undefined
  let goodOnes = 0
  for (let i = 0; i < 10_000; i++) {
    const address = `203.0.${Math.floor((i % 1_000) / 250)}.${i % 250}`
    const answer = await bed.accounts.signIn(
      `victim${i}@mail.example`,
      'leaked elsewhere',
      visitOf({ address }),
    )
    if (isRefused(answer) && answer.refused === 'credentials') evaluated++
    // A hundred a second.
    bed.clock.pass(10)
    if (i % 100 === 0) {
      const one: (typeof good)[number] | undefined = good[(i / 100) % good.length]
      assert.ok(one)
      const visit = visitOf({ device: one.device, address: '192.0.2.200' })
      if (!isRefused(await signIn(bed, one.email, goodPassword, visit))) goodOnes++
    }
    alertedAt ??= bed.events.find((event) => event.kind === 'stuffing')?.time
  }
  // 300 at once and 300 a minute are the threshold: 100 seconds have 500 more.
  const seconds = (bed.clock.now() - began) / 1_000
  const threshold = 300 + seconds * 5
  const past = Math.max(0, evaluated - threshold) / 10_000
  t.diagnostic(
    `${evaluated} of 10,000 judged, threshold ${threshold}, ${((alertedAt ?? 0) - began) / 1_000} s to the alert`,
  )
  assert.ok(past < 0.01)
  assert.equal(goodOnes, 100)
  assert.ok(alertedAt !== undefined && alertedAt - began < 60_000)
  assert.ok(bed.events.filter((event) => event.kind === 'stuffing').length <= 3, 'one alert a minute')
  await bed.close()
})

test('U05 a thousand sign-ins at once: the loop stays free, memory stays small, the rest is told to come later', async (t) => {
  const bed = await createAccountsBed({
    budgets: unlimited,
    hashing: { concurrency: 1, longestWaitMs: 2_000 },
  })
  const { sub } = await bed.signUp('many@mail.example')
  const one = await bed.repositories.accounts.bySub(sub)
  assert.ok(one !== undefined)
  for (let i = 0; i < 1_000; i++)
    await bed.repositories.accounts.insert({ ...one, sub: `usr_${i}`, emailKey: `many${i}@mail.example` })
  const turns = watchTurns()
  const memory = process.memoryUsage().rss
  let peak = memory
  const watch = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage().rss)
  }, 20)
  const answers = await Promise.all(
    Array.from({ length: 1_000 }, (_, i) => signIn(bed, `many${i}@mail.example`, goodPassword)),
  )
  const stretches = turns.stop()
  clearInterval(watch)
  const busy = answers.filter((one) => isRefused(one) && one.refused === 'unavailable').length
  const grown = (peak - memory) / 1_048_576
  const p99 = stretches[Math.floor(stretches.length * 0.99)] ?? 0
  t.diagnostic(
    `${answers.filter((one) => !isRefused(one)).length} in, ${busy} told to come later; ${stretches.length} busy turns of ` +
      `the loop, p50 ${stretches[Math.floor(stretches.length / 2)]?.toFixed(2)} ms, p90 ${stretches[Math.floor(stretches.length * 0.9)]?.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms, longest ${stretches.at(-1)?.toFixed(1)} ms; ${grown.toFixed(0)} MiB more`,
  )
  assert.ok(busy >= 700, 'only so many wait')
  assert.ok(stretches.length > 200, 'the loop turned all the while')
  // The kernel counts in ticks of 4 ms.
  assert.ok(p99 < 12)
  // All at once they would take 19 GiB.
  assert.ok(grown < 300)
  assert.ok(!isRefused(await signIn(bed, 'many0@mail.example', goodPassword)), 'and afterwards all is well')
  await bed.close()
})

function signIn(
  bed: AccountsBed,
  email: string,
  password: string,
  visit: Visit = visitOf(),
): Promise<SignedIn | Refused> {
  return bed.accounts.signIn(email, password, visit)
}

async function lock(bed: AccountsBed, sub: string): Promise<void> {
  const key = `password:${sub}`
  const { failures } = await bed.repositories.attempts.of(key)
  await bed.repositories.attempts.swap(key, failures, { failures: 20, nextAt: bed.clock.now() + 3_600_000 })
}

/**
 * Milliseconds of processor time that each turn of the event loop took, sorted when it stops: what a call would have
 * waited. Time that other processes took does not count.
 */
function watchTurns(): { stop(): number[] } {
  const found: number[] = []
  let before = process.threadCpuUsage()
  let running = true
  const turn = (): void => {
    const now = process.threadCpuUsage()
    const spent = (now.user + now.system - before.user - before.system) / 1_000
    // Turns without work tell nothing.
    if (spent >= 0.1) found.push(spent)
    before = now
    if (running) setImmediate(turn)
  }
  setImmediate(turn)
  return {
    stop() {
      running = false
      return found.sort((a, b) => a - b)
    },
  }
}
