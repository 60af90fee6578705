import type { Door } from '../../kernel/door.ts'
import type { BodyPace } from './body-pace.ts'
import type { DecisionDialect } from './decision-request.ts'
import type { Limits } from './options.ts'
import type { TrustedProxies } from './trusted-proxies.ts'

/** What all listeners share. `door` and `draining` change while they run; a request reads them once. */
export interface Listening {
  door: Door
  draining: boolean
  readonly limits: Limits
  readonly trusted: TrustedProxies
  /** Every peer is a data plane that asks for decisions: what it says of its caller counts. */
  readonly decision: DecisionDialect | undefined
  readonly pace: BodyPace
  /** Raw sockets of open tunnels, to end them with the listeners. */
  readonly tunnels: Set<{ destroy(): unknown }>
}

/** Whose forwarding fields count on a connection of this listener. */
export function proxiesOf({ decision, trusted }: Listening): TrustedProxies {
  return decision === undefined ? trusted : everyPeer
}

const everyPeer: TrustedProxies = { has: () => true }
