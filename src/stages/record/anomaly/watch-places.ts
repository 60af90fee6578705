import type { AuditEvent } from '../../../kernel/event.ts'
import { Decaying, DistinctWindow, hashOf, Recent } from './counters.ts'
import type { Say } from './say.ts'

const minute = 60_000
const hour = 60 * minute

class Credential {
  readonly networks = new DistinctWindow(hour, 32)
  readonly changes = new Decaying(5 * minute)
  network = 0
}

/** Watches from how many networks one credential is used. */
export function createPlaceWatch(subjects: number, say: Say): (event: AuditEvent) => void {
  const credentials = new Recent<Credential>(subjects, () => new Credential())

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

  return places
}

/** `198.51.x.x`, or the first three groups of an IPv6 address: about one provider at one place. */
function networkOf(address: string): string {
  if (address.includes(':')) return address.split(':').slice(0, 3).join(':')
  const [a = '', b = ''] = address.split('.')
  return `${a}.${b}`
}
