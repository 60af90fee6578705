import { yamlPlace } from './yaml-place.ts'

/** Controls of the policy, by the check that they switch: where the names differ. */
const controlOf: Readonly<Record<string, string>> = {
  'inspect.parameters': 'schema',
  'screen.schema': 'response-schema',
  'screen.secret': 'secrets',
  'authorize.property': 'property',
}

/** `inspect.injection` → `injection` */
export function controlOfCheck(check: string): string {
  return controlOf[check] ?? check.slice(check.indexOf('.') + 1)
}

/**
 * A policy in which a check of an API enforces instead of watching: its control, or the mode of the whole API. Undefined
 * where neither is written as `observe`.
 */
export function enforced(text: string, api: string, check: string): string | undefined {
  const control = `apis/${api}/controls/${controlOfCheck(check)}`
  const own = placeOf(text, control) ?? placeOf(text, `apis/${api}/mode`)
  return own === undefined ? undefined : `${text.slice(0, own)}enforce${text.slice(own + 'observe'.length)}`
}

function placeOf(text: string, path: string): number | undefined {
  for (const { index } of text.matchAll(/\bobserve\b/g)) {
    const place = yamlPlace(text.slice(0, index))
    if (place?.kind === 'value' && place.path.join('/') === path) return index
  }
  return undefined
}
