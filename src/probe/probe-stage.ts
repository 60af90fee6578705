import type { World } from './state/world.ts'
import type { TokenKeys } from './token-keys.ts'

/** A group of tests that run one after another. */
export interface ProbeStage {
  readonly name: string
  /** Rules that it can find. */
  readonly rules: readonly string[]
  run(world: World, keys: TokenKeys): Promise<void>
}
