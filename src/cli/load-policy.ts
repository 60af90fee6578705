import type { Policy } from '../app/policy.ts'
import type { LoadedConfig } from '../config/loaded-config.ts'
import { withProgress } from './progress.ts'
import type { Terminal } from './terminal.ts'

/** Loads the configuration; throws `Unusable`. */
export async function readConfig(file: string): Promise<LoadedConfig> {
  const { loadConfig } = await import('../config/load-config.ts')
  return loadConfig(file, process.env)
}

/** Loads configuration and contracts; throws `Unusable`. The engine is imported late: `--help` does not wait for it. */
export async function loadPolicy(file: string, terminal: Terminal): Promise<Policy> {
  return compileLoaded(await readConfig(file), terminal)
}

/** The same where the configuration is loaded already. */
export async function compileLoaded(loaded: LoadedConfig, terminal: Terminal): Promise<Policy> {
  return withProgress(terminal, 'compiling contracts', async () => {
    const { compilePolicy } = await import('../app/policy.ts')
    return compilePolicy(loaded)
  })
}
