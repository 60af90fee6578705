import { ambiguous, type Failure, missing } from './failure.ts'
import type { Call } from './scene.ts'

/** Reads one named value of a call's head. Names are looked up in lists or own properties, never as keys. */
export type FieldReader = (call: Call, name: string) => string | Failure

export function readPath(call: Call, name: string): string | Failure {
  return Object.hasOwn(call.params, name) ? (call.params[name] ?? missing) : missing
}

export function readQuery(call: Call, name: string): string | Failure {
  let found: string | undefined
  for (const pair of call.pairs) {
    if (pair.name !== name) continue
    if (found !== undefined) return ambiguous
    found = pair.value
  }
  return found ?? missing
}

/** `name` is compared in lower case, as field names are case-insensitive. */
export function readHeader(call: Call, name: string): string | Failure {
  const { flat } = call.fields
  const wanted = name.toLowerCase()
  let found: string | undefined
  for (let i = 0; i < flat.length; i += 2) {
    if (flat[i] !== wanted) continue
    if (found !== undefined) return ambiguous
    found = flat[i + 1]
  }
  return found ?? missing
}

/** RFC 6265 cookie-pair, without unquoting; the name is case-sensitive. */
export function readCookie(call: Call, name: string): string | Failure {
  const { flat } = call.fields
  let found: string | undefined
  for (let i = 0; i < flat.length; i += 2) {
    if (flat[i] !== 'cookie') continue
    for (const pair of (flat[i + 1] ?? '').split(';')) {
      const equals = pair.indexOf('=')
      if (equals < 0 || pair.slice(0, equals).trim() !== name) continue
      if (found !== undefined) return ambiguous
      found = pair.slice(equals + 1).trim()
    }
  }
  return found ?? missing
}
