import { hash } from 'node:crypto'
import type { Answered, Inspected } from '../../../../kernel/facts.ts'
import type { Mode } from '../../../../kernel/mode.ts'
import type { Principal } from '../../../../kernel/principal.ts'
import type { TaintStore } from '../../../../kernel/taint-store.ts'
import { type Denial, deny } from '../../../../kernel/verdict.ts'
import type { TextListener } from '../../reading.ts'
import { argumentsOf } from './arguments.ts'
import { destinationsOf, withParents } from './destinations.ts'

const check = 'authorize.destination'
const safe: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'QUERY'])
/** Characters of a trusted reply that are looked through. */
const mostVouched = 65_536

/** What one operation does about destinations that came from the texts of others. */
export interface TaintPlan {
  readonly mode: Mode
  /** A caller with this scope has somebody's approval. */
  readonly approval: string | undefined
  /** How long a destination is remembered, ms. */
  readonly expiryMs: number
  /** Whose memory it is: the caller's, or that of each of its sessions. */
  readonly per: 'caller' | 'session'
}

export interface TaintOptions {
  /** By `Operation.slot`. */
  readonly plans: readonly (TaintPlan | undefined)[]
  readonly store: TaintStore
  /** What digests are salted with; the same wherever the store is shared. */
  readonly salt: string
  /** Adds the challenge for the scope that approves, in the caller's own scheme (RFC 6750 §3). */
  challenge?(call: Inspected, denial: Denial, scope: string): Denial
}

type Soon<T> = T | Promise<T>

export interface Taint extends TextListener {
  /** Judges what a call that changes something names. Refuses with `AUTHORIZE_DESTINATION`. */
  judge(call: Inspected): Soon<Denial | undefined>
  /** The call was let in and answered: what it names is the caller's own. */
  used(answered: Answered): void
}

/**
 * Follows destinations from the texts of others into the calls of whoever read them (context-injection L4). A destination
 * that the caller used before, or has from a reply that is trusted, is not tainted. Only salted digests are kept.
 */
export function createTaint(options: TaintOptions): Taint {
  const { plans, store, salt } = options
  const digest = (key: string): string => hash('sha256', salt + key, 'base64url').slice(0, 16)
  const seen = new WeakMap<object, readonly string[]>()

  /** The destinations and, where the scope does not know better, the domains above them are the caller's own. */
  function keep(call: Inspected, plan: TaintPlan, keys: readonly string[], vouched: boolean): void {
    if (keys.length === 0) return
    const scope = scopeOf(call.principal, plan)
    const until = call.time + plan.expiryMs
    const digests = withParents(keys).map(digest)
    if (vouched) lenient(store.vouch(scope, digests.slice(0, keys.length), until, call.time))
    lenient(store.use(scope, digests, until, call.time))
  }

  /** Destinations of the call's arguments; read once a call. */
  function namedBy(call: Inspected): readonly string[] {
    let keys = seen.get(call.trail)
    if (keys === undefined) {
      const all = new Set<string>()
      for (const text of argumentsOf(call)) for (const key of destinationsOf(text).keys) all.add(key)
      keys = [...all]
      seen.set(call.trail, keys)
    }
    return keys
  }

  function verdict(
    call: Inspected,
    plan: TaintPlan,
    keys: readonly string[],
    count: number,
  ): Denial | undefined {
    if (count === 0) return undefined
    const { principal, trail } = call
    if (plan.approval !== undefined && principal.scopes.includes(plan.approval)) {
      keep(call, plan, keys, true)
      trail.note('authorize', check, 'allow', undefined, 'a destination of others, approved')
      return undefined
    }
    const denial = deny(
      'AUTHORIZE_DESTINATION',
      check,
      `names ${count} destination(s) that the caller knows from the texts of others alone`,
    )
    if (plan.mode === 'enforce')
      return plan.approval === undefined
        ? denial
        : (options.challenge?.(call, denial, plan.approval) ?? denial)
    trail.note('authorize', check, 'deny', denial.code, denial.reason, true)
    return undefined
  }

  return {
    judge(call) {
      const plan = planOf(plans, call)
      if (plan === undefined || safe.has(call.method)) return undefined
      const keys = namedBy(call)
      if (keys.length === 0) return undefined
      const found = store.tainted(scopeOf(call.principal, plan), withParents(keys).map(digest), call.time)
      return typeof found === 'number'
        ? verdict(call, plan, keys, found)
        : found.then((count) => verdict(call, plan, keys, count))
    },
    used(answered) {
      const plan = planOf(plans, answered)
      if (plan === undefined) return
      keep(answered, plan, namedBy(answered), false)
    },
    foreign(answered, texts) {
      const plan = planOf(plans, answered)
      if (plan === undefined) return undefined
      const digests: string[] = []
      let overflow = false
      for (const text of texts) {
        const found = destinationsOf(text)
        overflow ||= found.overflow
        for (const key of found.keys) digests.push(digest(key))
      }
      return store.mark(
        scopeOf(answered.principal, plan),
        digests,
        overflow,
        answered.time + plan.expiryMs,
        answered.time,
      )
    },
    vouched(answered, text) {
      const plan = planOf(plans, answered)
      if (plan === undefined || answered.answer.status >= 400) return
      const { keys } = destinationsOf(text.length > mostVouched ? text.slice(0, mostVouched) : text)
      keep(answered, plan, keys, true)
    },
  }
}

/** What is lost here costs the caller an approval, and nobody else anything. */
function lenient(noted: void | Promise<void>): void {
  if (noted instanceof Promise) noted.catch(() => undefined)
}

function planOf(plans: TaintOptions['plans'], call: Inspected): TaintPlan | undefined {
  const plan = plans[call.operation.slot]
  return plan === undefined || plan.mode === 'off' || call.principal.kind === 'none' ? undefined : plan
}

function scopeOf({ issuer, sub, client, claims }: Principal, { per }: TaintPlan): string {
  if (per === 'caller') return `${issuer}\0${sub}`
  const { sid } = claims
  return `${issuer}\0${sub}\0${typeof sid === 'string' ? sid : (client ?? '')}`
}
