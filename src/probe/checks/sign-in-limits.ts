import { flat } from '../../contract/objects/known-types.ts'
import { wordsOf } from '../../contract/objects/noun.ts'
import { isObject, own } from '../../contract/schema.ts'
import { type Call, chooseMedia, withMember } from '../plan/build-call.ts'
import type { ProbeOperation } from '../plan/probe-operation.ts'
import { limitLine } from '../policy-line.ts'
import { reportWeakness } from '../report-weakness.ts'
import type { Exchange } from '../session.ts'
import { isYes, leavesOf } from '../state/reply-facts.ts'
import type { World } from '../state/world.ts'
import { callsFor } from '../steps-make.ts'
import { isHeldUp } from './held-up.ts'

const guesses = 30

/** Wrong passwords in a row, for an account of the probe's own where it could make one, else for one that nobody has. */
export async function checkSignIns(world: World): Promise<void> {
  for (const operation of world.operations.filter(({ signIn }) => signIn)) {
    const secret = secretMember(operation, world)
    const [base] = callsFor(world, operation, undefined)
    if (secret === undefined || base === undefined) continue
    const account = accountOf(world, operation, base, secret)
    const wrong = (n: number): Call => ({
      ...account,
      body: withMember(account.body, [secret], guessAt(secret, world.marker, n)),
    })
    const first = await world.session.call(undefined, wrong(0), { throttled: true })
    if (isYes(first.reply) || isHeldUp(first)) continue
    // A body that is not understood is no guess, and neither is one that the program breaks on.
    if ((first.reply.status === 400 || first.reply.status >= 500) && !wrongGuess.test(first.reply.text))
      continue
    if (first.reply.status === 415) continue
    let last = first
    let held = false
    for (let n = 1; n <= guesses && !held; n++) {
      last = await world.session.call(undefined, wrong(n), { throttled: true, burst: true })
      held =
        isHeldUp(last) ||
        last.reply.status === 403 ||
        /too many|locked|captcha|try again later|rate limit|exceed|attempts? (?:left|remaining)/i.test(
          last.reply.text,
        )
    }
    if (!held)
      reportWeakness(world, {
        rule: 'limit.sign-in',
        operation,
        detail: '',
        message: `${guesses + 1} wrong ${isCode(secret) ? 'codes' : 'passwords'} in a row, none held up`,
        confidence: account === base ? 'firm' : 'certain',
        policy: limitLine(operation, perAccount(base, secret), '5/min'),
        steps: [
          ['the first wrong password', first],
          [`the ${guesses + 1}th`, last],
        ],
      })
    const known = account === base ? ownAccountOf(world, base, secret) : account
    await checkEnumeration(world, operation, known, base, secret)
  }
}

/** The refusal of an account that there is beside that of one that there is not. */
async function checkEnumeration(
  world: World,
  operation: ProbeOperation,
  account: Call,
  nobody: Call,
  secret: string,
): Promise<void> {
  if (account === nobody) return
  const ask = (call: Call, n: number): Promise<Exchange> =>
    world.session.call(
      undefined,
      { ...call, body: withMember(call.body, [secret], `wrong-${world.marker}-e${n}`) },
      { throttled: true },
    )
  const [one, two] = [await ask(account, 1), await ask(nobody, 2)]
  const [three, four] = [await ask(account, 3), await ask(nobody, 4)]
  if ([one, two, three, four].some((each) => isHeldUp(each) || isYes(each.reply))) return
  const words = (call: Call): readonly string[] => leavesOf(call.body).map(({ value }) => String(value))
  const plain = ({ reply }: Exchange, call: Call): string => {
    let text = `${reply.status} ${reply.text}`
    for (const word of words(call)) text = text.split(word).join('§')
    return text.replace(/[0-9a-f-]{16,}/gi, '#').replace(/\d{3,}/g, '#')
  }
  if (plain(one, account) === plain(two, nobody)) return
  if (plain(one, account) !== plain(three, account) || plain(two, nobody) !== plain(four, nobody)) return
  reportWeakness(world, {
    rule: 'auth.enumeration',
    operation,
    detail: '',
    message: 'the refusal tells whether there is such an account',
    confidence: 'certain',
    policy: `${limitLine(operation, perAccount(nobody, secret), '5/min')}   # makes it slow; only the API can answer both alike`,
    steps: [
      ['an account that there is, wrong password', one],
      ['an account that there is not', two],
    ],
  })
}

function secretMember(operation: ProbeOperation, world: World): string | undefined {
  const schema = world.contract.resolve(chooseMedia(operation.declared.body?.media ?? [])?.schema)
  const properties = isObject(schema) ? own(schema, 'properties') : undefined
  const names = Object.keys(isObject(properties) ? properties : {})
  // Where a code is checked a password beside it is only the new one.
  return names.find(isCode) ?? names.find((name) => /pass|pwd|secret/.test(wordsOf(name).join(' ')))
}

/** By address and by the account that is named. */
function perAccount({ body }: Call, secret: string): string {
  const name = Object.keys(isObject(body) ? body : {}).find((one) => one !== secret && /^\w+$/.test(one))
  return name === undefined ? 'ip' : `[ip, body.${name}]`
}

const wrongGuess = /credential|password|invalid|incorrect|wrong|expired|does not match/i

const isCode = (name: string): boolean => /\b(?:otp|pin|code|passcode|totp)\b/.test(wordsOf(name).join(' '))

/** Another wrong one each time, in the form that is asked for. */
function guessAt(secret: string, marker: string, n: number): string {
  return isCode(secret) ? String(1000 + n * 7) : `wrong-${marker}-${n}`
}

/** The sign-in of an identity with another secret: tried twice, which locks nobody out. */
function ownAccountOf(world: World, base: Call, secret: string): Call {
  if (!isObject(base.body)) return base
  for (const identity of world.identities) {
    const self = [...world.self(identity)]
    let body: unknown = base.body
    let known = 0
    for (const name of Object.keys(base.body)) {
      if (name === secret || typeof own(base.body, name) !== 'string') continue
      const given = Object.entries(identity.signsInAs ?? {}).find(([one]) => flat(one) === flat(name))?.[1]
      const value =
        given ??
        (/mail/i.test(name)
          ? (self.find((one) => one.includes('@')) ?? Object.values(identity.signsInAs ?? {})[0])
          : identity.signsInAs === undefined
            ? undefined
            : Object.values(identity.signsInAs)[0])
      if (typeof value !== 'string') continue
      body = withMember(body, [name], value)
      known += 1
    }
    if (known > 0) return { ...base, body }
  }
  return base
}

/** The sign-in of an account that the probe made, under the names that the operation has. */
function accountOf(world: World, operation: ProbeOperation, base: Call, secret: string): Call {
  const made = world.made.find((one) => one.operation.signUp && !one.gone)
  if (made === undefined || !isObject(made.call.body) || !isObject(base.body)) return base
  let body: unknown = base.body
  let known = 0
  for (const name of Object.keys(base.body)) {
    const value = own(made.call.body, name)
    if (value === undefined || name === secret) continue
    body = withMember(body, [name], value)
    known += 1
  }
  return known === 0 || operation.declared.body === undefined ? base : { ...base, body }
}
