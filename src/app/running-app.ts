import type { LoadedConfig } from '../config/loaded-config.ts'
import type { AppAddress } from './address.ts'

/** A running gateway. */
export interface App {
  readonly addresses: readonly AppAddress[]
  /** What the operator should know: open doors, the path of a development authority; until the first reload the links that are good once. */
  readonly notes: readonly string[]
  /** Puts a new policy in force between two calls. Throws `Unusable` and keeps the old one. */
  reload(loaded: LoadedConfig): Promise<void>
  /** Drains and ends; calls still open after `graceMs` are cut. */
  close(graceMs?: number): Promise<void>
}
