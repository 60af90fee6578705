import type { State } from '../app/state/state.ts'
import type { Config } from '../config/config.ts'
import { readConfig } from './load-policy.ts'
import { Misuse } from './misuse.ts'

/** Opens the durable store that a configuration names, also while a gateway runs on it, and closes it again. */
export async function withState<T>(
  file: string,
  command: string,
  work: (state: State, config: Config) => Promise<T>,
): Promise<T> {
  const { config } = await readConfig(file)
  const { durable } = config.store
  if (durable.kind === 'none' || (durable.kind === 'sqlite' && durable.file === ':memory:'))
    throw new Misuse(
      `${command}: the configuration keeps nothing; write \`store: { durable: "sqlite:sallyport.db" }\``,
    )
  const { openState } = await import('../app/state/state.ts')
  const state = await openState(config)
  try {
    return await work(state, config)
  } finally {
    await state.close()
  }
}
