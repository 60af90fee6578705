import type { Policy } from '../app/policy/policy.ts'
import type { LoadedConfig } from '../config/loaded-config.ts'
import { withProgress } from './progress.ts'
import type { Terminal } from './terminal.ts'

/** Loads the configuration; throws `Unusable`. Imported late, so that `--help` does not wait for it. */
export async function readConfig(file: string): Promise<LoadedConfig> {
  const { loadConfig } = await import('../config/load-config.ts')
  return loadConfig(file, process.env)
}

/** Loads configuration and contracts; throws `Unusable`. */
export async function loadPolicy(file: string, terminal: Terminal): Promise<Policy> {
  const loaded = await readConfig(file)
  return withProgress(terminal, 'compiling contracts', async () => {
    const { compilePolicy } = await import('../app/policy/compile-policy.ts')
    return compilePolicy(loaded)
  })
}
