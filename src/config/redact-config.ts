import type { Config } from './config.ts'
import { Secret } from './secret.ts'

const sources = new WeakMap<Config, ReadonlyMap<string, string>>()

/** Keeps what was substituted, so that a dump can show how it was written instead. */
export function rememberSources(config: Config, substituted: ReadonlyMap<string, string>): void {
  sources.set(config, substituted)
}

/** A copy for dumps: secrets are `[secret]`, and what came from the environment or a file is shown as it is written. */
export function redactConfig(config: Config): unknown {
  const known = [...(sources.get(config) ?? new Map<string, string>())]
    // Shorter ones are no secrets and would be found everywhere.
    .filter(([, value]) => value.length >= 4)
    .sort((a, b) => b[1].length - a[1].length)
  const redact = (value: unknown): unknown => {
    if (value instanceof Secret) return '[secret]'
    if (typeof value === 'string')
      return known.reduce((text, [source, secret]) => text.replaceAll(secret, () => source), value)
    if (Array.isArray(value)) return value.map(redact)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, redact(child)]))
  }
  return redact(config)
}
