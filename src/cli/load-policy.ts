import type { Policy } from '../app/policy.ts'
import { loadConfig } from '../config/load-config.ts'
import type { LoadedConfig } from '../config/loaded-config.ts'
import { withProgress } from './progress.ts'
import type { Terminal } from './terminal.ts'

/** Loads configuration and contracts; throws `Unusable`. The engine is imported late: `--help` does not wait for it. */
export async function loadPolicy(file: string, terminal: Terminal): Promise<Policy> {
  return compileLoaded(loadConfig(file, process.env), terminal)
}

/** The same where the configuration is loaded already. */
export async function compileLoaded(loaded: LoadedConfig, terminal: Terminal): Promise<Policy> {
  return withProgress(terminal, 'compiling contracts', async () => {
    const { compilePolicy } = await import('../app/policy.ts')
    return compilePolicy(loaded)
  })
}
