import type { AuditEvent } from '../../../kernel/event.ts'
import { Decaying, DistinctWindow, hashOf, Recent } from './counters.ts'
import type { Say } from './say.ts'
import { type Address, keep } from './subjects.ts'

const minute = 60_000
const hour = 60 * minute

class Account {
  readonly failed = new Decaying(10 * minute)
  readonly addresses = new DistinctWindow(hour, 16)
}

/** Sign-ins of everybody, by hour of the day, since nights are not like noons. */
class Everyone {
  minute = -1
  failed = 0
  good = 0
  readonly addresses = new DistinctWindow(2 * minute, 256)
  readonly usual = new Float64Array(24)
  readonly seen = new Float64Array(24)
}

/** Watches sign-ins: of an address, to an account, and of everybody. `addresses` is shared with what else they do. */
export function createSignInWatch(
  subjects: number,
  addresses: Recent<Address>,
  say: Say,
): (event: AuditEvent, failed: boolean) => void {
  const accounts = new Recent<Account>(subjects, () => new Account())
  const everyone = new Everyone()

  function signIn(event: AuditEvent, failed: boolean): void {
    const address = addresses.of(event.address)
    if (!failed) address.good.add(event.time)
    else {
      keep(address.last, event.id)
      const count = address.failed.add(event.time)
      const good = address.good.at(event.time)
      if (count >= 12 && count > 3 * good)
        say(
          event,
          'sign-in-spike',
          { kind: 'address', key: event.address },
          count / 12,
          `${Math.round(count)} failed sign-ins from one address within minutes`,
          { failed: Math.round(count), succeeded: Math.round(good) },
          address.last,
        )
    }
    // The digest of what was typed as a name.
    if (failed && event.credential !== '') {
      const account = accounts.of(event.credential)
      const count = account.failed.add(event.time)
      const from = account.addresses.add(event.time, hashOf(event.address))
      if (count >= 8 && from >= 4)
        say(
          event,
          'account-attack',
          { kind: 'account', key: event.credential },
          count / 8,
          `one account was tried ${Math.round(count)} times from ${from} addresses`,
          { failed: Math.round(count), addresses: from },
        )
    }
    everybody(event, failed)
  }

  function everybody(event: AuditEvent, failed: boolean): void {
    const now = Math.floor(event.time / minute)
    const slot = Math.floor(event.time / hour) % 24
    if (now !== everyone.minute) {
      // A minute that was an attack teaches nothing.
      const usual = everyone.usual[slot] ?? 0
      const seen = everyone.seen[slot] ?? 0
      if (everyone.minute >= 0 && (seen < 5 || everyone.failed < 6 * (usual + 3))) {
        const weight = Math.max(0.02, 1 / (seen + 1))
        everyone.usual[slot] = usual + weight * (everyone.failed - usual)
        everyone.seen[slot] = seen + 1
      }
      everyone.minute = now
      everyone.failed = 0
      everyone.good = 0
      everyone.addresses.clear()
    }
    if (!failed) {
      everyone.good++
      return
    }
    everyone.failed++
    const from = everyone.addresses.add(event.time, hashOf(event.address))
    const usual = everyone.usual[slot] ?? 0
    const bound = Math.max(15, 5 * (usual + 1))
    if (everyone.failed >= bound && from >= 8 && everyone.failed > everyone.good)
      say(
        event,
        'stuffing',
        { kind: 'everyone', key: '' },
        everyone.failed / bound,
        `${everyone.failed} failed sign-ins from ${from} addresses in a minute that is used to ${usual.toFixed(1)}`,
        {
          failed: everyone.failed,
          succeeded: everyone.good,
          addresses: from,
          usual: Number(usual.toFixed(2)),
        },
      )
  }

  return signIn
}

const failures: ReadonlySet<string> = new Set([
  'account.sign-in-failed',
  'account.second-factor-failed',
  'account.passkey-failed',
])

/** Whether an event is a sign-in: of the embedded server, or of an operation that anybody may call and the API answers with 401. */
export function signInOf(event: AuditEvent): 'failed' | 'good' | undefined {
  if (failures.has(event.operation)) return 'failed'
  if (event.operation === 'account.sign-in' || event.operation === 'account.passkey-sign-in') return 'good'
  if (event.credentialKind !== 'none' || event.method !== 'POST' || event.operation === '') return undefined
  if (event.upstreamStatus === 401) return 'failed'
  return undefined
}
