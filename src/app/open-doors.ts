import type { ApiConfig } from '../config/config.ts'
import type { LoadedConfig } from '../config/loaded-config.ts'
import type { Finding } from '../kernel/finding.ts'
import { controls } from '../kernel/mode.ts'

/** Doors that the configuration leaves open, by name: they are shown at start and by `check`. */
export function openDoors(loaded: LoadedConfig): readonly Finding[] {
  return loaded.config.apis.flatMap((api) => [...watchedControls(loaded, api), ...publicSchemes(loaded, api)])
}

/** Controls that exist in this version and could be switched off or watched. */
const shipped = new Set<string>(['scope', 'function', 'object', 'limit', 'schema'])

function watchedControls(loaded: LoadedConfig, api: ApiConfig): readonly Finding[] {
  return controls
    .filter((control) => shipped.has(control) && api.controls[control] !== 'enforce')
    .map((control) => ({
      rule: 'open-door.control',
      severity: 'warning',
      message: `${api.name}: the control \`${control}\` is ${api.controls[control] === 'off' ? 'off' : 'only watching'}`,
      place: loaded.place(`${api.pointer}/controls/${control}`),
      fix: `write \`${control}: enforce\` once its findings are as you expect`,
    }))
}

function publicSchemes(loaded: LoadedConfig, api: ApiConfig): readonly Finding[] {
  return api.security
    .filter((one) => one.public)
    .map((one) => ({
      rule: 'open-door.public-scheme',
      severity: 'warning',
      message: `${api.name}: the security scheme \`${one.scheme}\` asks for nothing`,
      place: loaded.place(one.pointer),
      fix: 'name an issuer instead of `public`',
    }))
}
