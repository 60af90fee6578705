import type { AuditEvent } from '../../../kernel/event.ts'
import { hashOf, Recent } from './counters.ts'
import type { AnomalyFinding, AnomalySubject } from './finding.ts'
import { createSay } from './say.ts'
import { Address, Caller, keep } from './subjects.ts'
import { createObjectWatch } from './watch-objects.ts'
import { createPlaceWatch } from './watch-places.ts'
import { createSignInWatch, signInOf } from './watch-sign-ins.ts'
import { createVolumeWatch } from './watch-volume.ts'

const hour = 60 * 60_000

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
  const addresses = new Recent<Address>(subjects, () => new Address())
  let found: AnomalyFinding[] = []
  const say = createSay(subjects, quietMs, (finding) => found.push(finding))
  const signIn = createSignInWatch(subjects, addresses, say)
  const objects = createObjectWatch(say)
  const volume = createVolumeWatch(say)
  const places = createPlaceWatch(subjects, say)

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
