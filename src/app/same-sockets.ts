import type { LoadedConfig } from '../config/loaded-config.ts'
import { Unusable } from '../kernel/finding.ts'

/** Addresses and stores are opened once; what changes there needs a restart, and says so. */
export function assertSameSockets(before: LoadedConfig, next: LoadedConfig): void {
  const fixed = [
    'listen',
    'admin',
    'store',
    'workers',
    'trustedProxies',
    'timeouts',
    'log',
    'authority',
    'audit',
    'traces',
    'identity',
  ] as const
  const changed = fixed.filter((key) => printed(before, key) !== printed(next, key))
  if (changed.length === 0) return
  throw new Unusable(
    changed.map((key) => ({
      rule: 'config.restart',
      severity: 'error',
      message: `\`${key}\` cannot change while the gateway runs`,
      place: next.place(`/${key}`),
      fix: 'restart the gateway',
    })),
  )
}

/** Secrets print as `[secret]`, so the admin token is compared by itself. */
function printed({ config }: LoadedConfig, key: keyof LoadedConfig['config']): string {
  const text = JSON.stringify(config[key])
  return key === 'admin' ? `${text}${config.admin?.token?.reveal() ?? ''}` : text
}
