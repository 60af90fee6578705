import { randomUUID } from 'node:crypto'
import type { AuditEvent } from '../../../kernel/event.ts'
import { Decaying, DistinctBits, DistinctWindow, hashOf, Recent } from './counters.ts'
import type { AnomalyFinding, AnomalyKind, AnomalySubject } from './finding.ts'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

export interface AnomalyOptions {
  /** Callers, credentials, addresses and accounts that are remembered, each; the one that was quiet longest goes first. */
  readonly subjects?: number
  /** How long the same finding about the same subject is not said again. */
  readonly quietMs?: number
}

export interface Anomaly {
  /** Learns from one event; returns what it shows, nearly always nothing. A few microseconds, nothing awaited. */
  observe(event: AuditEvent): readonly AnomalyFinding[]
}

/** What is known of one caller: about two kilobytes. */
class Caller {
  readonly refused = new Recent<Refused>(8, () => new Refused())
  readonly touched = new Recent<Touched>(8, () => new Touched())
  readonly malformed = new Decaying(10 * minute)
  bytes = 0
  hour = -1
  /** Bytes of a usual hour in which there were any. */
  usualBytes = 0
  hours = 0
  readonly last: string[] = []
}

/** Objects of one type that a caller asked for and did not get, beside those that it got. */
class Refused {
  readonly objects = new DistinctWindow(6 * hour)
  readonly got = new Decaying(3 * hour)
}

class Touched {
  day = -1
  bits = new DistinctBits()
  count = 0
  usual = 0
  days = 0
}

class Credential {
  readonly networks = new DistinctWindow(hour, 32)
  readonly changes = new Decaying(5 * minute)
  network = 0
}

class Address {
  readonly failed = new Decaying(5 * minute)
  readonly good = new Decaying(5 * minute)
  readonly undeclared = new DistinctWindow(10 * minute)
  readonly malformed = new Decaying(10 * minute)
  readonly last: string[] = []
}

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

/** What a type of object is used to, over all callers. */
class Usual {
  distinct = 0
  callers = 0
}

const none: readonly AnomalyFinding[] = Object.freeze([])
const malformedCodes: ReadonlySet<string> = new Set([
  'INSPECT_SCHEMA',
  'INSPECT_JSON',
  'INSPECT_INJECTION',
  'INSPECT_MEDIA_TYPE',
  'LISTEN_MALFORMED',
  'LISTEN_PATH_AMBIGUOUS',
  'IDENTIFY_TOKEN_INVALID',
])

/** Watches events one by one. Memory is bounded; after a restart it begins anew. */
export function createAnomaly(options: AnomalyOptions = {}): Anomaly {
  const { subjects = 20_000, quietMs = hour } = options
  const callers = new Recent<Caller>(subjects, () => new Caller())
  const credentials = new Recent<Credential>(subjects, () => new Credential())
  const addresses = new Recent<Address>(subjects, () => new Address())
  const accounts = new Recent<Account>(subjects, () => new Account())
  const types = new Recent<Usual>(256, () => new Usual())
  const said = new Recent<{ until: number }>(subjects, () => ({ until: 0 }))
  const everyone = new Everyone()
  let usualBytes = 0
  let found: AnomalyFinding[] = []

  function say(
    event: AuditEvent,
    kind: AnomalyKind,
    subject: AnomalySubject,
    over: number,
    summary: string,
    evidence: AnomalyFinding['evidence'],
    events: readonly string[] = [event.id],
  ): void {
    const before = said.of(`${kind}\0${subject.kind}\0${subject.key}`)
    if (event.time < before.until) return
    before.until = event.time + quietMs
    const score = Math.min(1, 0.5 + over / 8)
    found.push({
      id: randomUUID(),
      time: event.time,
      kind,
      subject,
      score: Number(score.toFixed(2)),
      summary,
      evidence,
      events: [...events],
    })
  }

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

  function objects(event: AuditEvent, caller: Caller, subject: AnomalySubject): void {
    const missing =
      event.code === 'AUTHORIZE_OBJECT' || event.code === 'AUTHORIZE_NOT_FOUND' || event.status === 404
    for (const { type, id } of event.objects) {
      const value = hashOf(`${type}\0${id}`)
      if (missing) {
        const refused = caller.refused.of(type)
        const count = refused.objects.add(event.time, value)
        // Whoever works all day with own objects mistypes some.
        if (count >= 20 || (count >= 8 && count > 0.2 * (count + refused.got.at(event.time))))
          say(
            event,
            'object-enumeration',
            subject,
            count / 8,
            `asked for ${count} different objects of type ${type} that are not its own or do not exist`,
            { type, objects: count },
            caller.last,
          )
        continue
      }
      if (event.status >= 400) continue
      caller.refused.of(type).got.add(event.time)
      const touched = caller.touched.of(type)
      const today = Math.floor(event.time / day)
      const usual = types.of(type)
      if (touched.day !== today) {
        if (touched.day >= 0) {
          touched.usual = Math.max(touched.usual * 0.8, touched.usual + 0.3 * (touched.count - touched.usual))
          touched.days++
          const weight = Math.max(0.01, 1 / (usual.callers + 1))
          usual.distinct += weight * (touched.count - usual.distinct)
          usual.callers++
        }
        touched.day = today
        touched.bits = new DistinctBits()
        touched.count = 0
      }
      touched.count = touched.bits.add(value)
      // Of a newcomer only what others do is known.
      const bound = Math.max(
        80,
        5 * touched.usual,
        (touched.days === 0 ? 25 : 10) * Math.max(usual.distinct, 2),
      )
      // Before a day of others is known, nobody can be unusual.
      if (touched.count > bound && usual.callers >= 30)
        say(
          event,
          'object-harvest',
          subject,
          touched.count / bound,
          `touched some ${Math.round(touched.count)} objects of type ${type} today; usual for it are ${Math.round(touched.usual)}, for others ${Math.round(usual.distinct)}`,
          {
            type,
            objects: Math.round(touched.count),
            usual: Math.round(touched.usual),
            others: Math.round(usual.distinct),
          },
          caller.last,
        )
    }
  }

  function volume(event: AuditEvent, caller: Caller, subject: AnomalySubject): void {
    const now = Math.floor(event.time / hour)
    if (caller.hour !== now) {
      if (caller.hour >= 0) {
        caller.usualBytes += Math.max(0.1, 1 / (caller.hours + 1)) * (caller.bytes - caller.usualBytes)
        caller.hours++
        usualBytes += 0.002 * (caller.bytes - usualBytes)
      }
      caller.hour = now
      caller.bytes = 0
    }
    caller.bytes += event.bytesOut
    const bound = Math.max(20e6, 8 * caller.usualBytes, 20 * usualBytes)
    if (caller.bytes > bound)
      say(
        event,
        'exfiltration',
        subject,
        caller.bytes / bound,
        `took ${(caller.bytes / 1e6).toFixed(0)} MB within an hour; usual for it are ${(caller.usualBytes / 1e6).toFixed(1)} MB`,
        { bytes: caller.bytes, usual: Math.round(caller.usualBytes) },
        caller.last,
      )
  }

  function places(event: AuditEvent): void {
    const credential = credentials.of(event.credential)
    const network = hashOf(networkOf(event.address))
    const many = credential.networks.add(event.time, network)
    const back = credential.network !== 0 && credential.network !== network
    credential.network = network
    const changes = back ? credential.changes.add(event.time) : credential.changes.at(event.time)
    if (many >= 6 || (many >= 2 && changes >= 7))
      say(
        event,
        'shared-credential',
        { kind: 'credential', key: event.credential },
        Math.max(many / 6, changes / 7),
        `one credential from ${many} networks within an hour, ${Math.round(changes)} changes of place within minutes`,
        { networks: many, changes: Math.round(changes), subject: event.sub, issuer: event.issuer },
      )
  }

  return {
    observe(event) {
      found = []
      const known = event.sub !== ''
      const address: AnomalySubject = { kind: 'address', key: event.address }
      const subject: AnomalySubject = known
        ? { kind: 'principal', key: `${event.issuer}/${event.sub}` }
        : address
      const signing = signInOf(event)
      if (signing !== undefined) signIn(event, signing === 'failed')
      if (event.code === 'MATCH_NO_OPERATION' || event.code === 'MATCH_METHOD') {
        const from = addresses.of(event.address)
        keep(from.last, event.id)
        const count = from.undeclared.add(event.time, hashOf(`${event.method} ${event.path}`))
        if (count >= 12)
          say(
            event,
            'endpoint-spray',
            address,
            count / 12,
            `asked for ${count} endpoints that do not exist within minutes`,
            { endpoints: count },
            from.last,
          )
      }
      if (event.code !== undefined && malformedCodes.has(event.code)) {
        const counter = known ? callers.of(subject.key).malformed : addresses.of(event.address).malformed
        const count = counter.add(event.time)
        if (count >= 20)
          say(
            event,
            'probing',
            subject,
            count / 20,
            `${Math.round(count)} requests were refused for their form or for attacks in them`,
            { refused: Math.round(count) },
          )
      }
      if (known) {
        const caller = callers.of(subject.key)
        keep(caller.last, event.id)
        if (event.objects.length > 0) objects(event, caller, subject)
        if (event.bytesOut > 0) volume(event, caller, subject)
        if (event.credential !== '' && event.address !== '') places(event)
      }
      return found.length === 0 ? none : found
    },
  }
}

function keep(list: string[], id: string): void {
  list.push(id)
  if (list.length > 10) list.shift()
}

const failures: ReadonlySet<string> = new Set([
  'account.sign-in-failed',
  'account.second-factor-failed',
  'account.passkey-failed',
])

/** Whether an event is a sign-in: of the embedded server, or of an operation that anybody may call and the API answers with 401. */
function signInOf(event: AuditEvent): 'failed' | 'good' | undefined {
  if (failures.has(event.operation)) return 'failed'
  if (event.operation === 'account.sign-in' || event.operation === 'account.passkey-sign-in') return 'good'
  if (event.credentialKind !== 'none' || event.method !== 'POST' || event.operation === '') return undefined
  if (event.upstreamStatus === 401) return 'failed'
  return undefined
}

/** `198.51.x.x`, or the first three groups of an IPv6 address: about one provider at one place. */
function networkOf(address: string): string {
  if (address.includes(':')) return address.split(':').slice(0, 3).join(':')
  const [a = '', b = ''] = address.split('.')
  return `${a}.${b}`
}
