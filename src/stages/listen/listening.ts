import type { Door } from '../../kernel/door.ts'
import type { BodyPace } from './body-pace.ts'
import type { Limits } from './options.ts'
import type { TrustedProxies } from './trusted-proxies.ts'

/** What all listeners share. `door` and `draining` change while they run; a request reads them once. */
export interface Listening {
  door: Door
  draining: boolean
  readonly limits: Limits
  readonly trusted: TrustedProxies
  readonly pace: BodyPace
  /** Raw sockets of open tunnels, to end them with the listeners. */
  readonly tunnels: Set<{ destroy(): unknown }>
}
