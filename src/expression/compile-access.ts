import { isRecord } from './compare.ts'
import { isFailure, missing, mistyped } from './failure.ts'
import type { Reader } from './reader.ts'

/** An own member of a JSON object or map; `__proto__` and its kin are names like any other, and not there. */
export function memberOf(value: unknown, name: string): unknown {
  if (value instanceof Map) return value.get(name) ?? missing
  if (!isRecord(value)) return mistyped
  if (!Object.hasOwn(value, name)) return missing
  const member = value[name]
  return member === undefined ? missing : member
}

function itemOf(value: unknown, index: unknown): unknown {
  if (typeof index === 'string') return memberOf(value, index)
  if (!Array.isArray(value)) return mistyped
  const at = Number(index)
  return Number.isInteger(at) && at >= 0 && at < value.length ? value[at] : missing
}

/** `base.name` */
export function compileMember(base: Reader, name: string): Reader {
  return (call, scene) => {
    const value = base(call, scene)
    return isFailure(value) ? value : memberOf(value, name)
  }
}

/** `base[index]` */
export function compileItem(base: Reader, index: Reader): Reader {
  return (call, scene) => {
    const value = base(call, scene)
    if (isFailure(value)) return value
    const at = index(call, scene)
    if (isFailure(at)) return at
    return typeof at === 'string' || typeof at === 'bigint' || typeof at === 'number'
      ? itemOf(value, at)
      : mistyped
  }
}

/** `has(base.name)`: false where the member is missing; a missing base stays missing. */
export function compilePresence(base: Reader, name: string): Reader {
  return (call, scene) => {
    const value = base(call, scene)
    if (isFailure(value)) return value
    const member = memberOf(value, name)
    return member === missing ? false : isFailure(member) ? member : true
  }
}

/** `has(variable.field)`: true also where it came more than once. */
export function compileFieldPresence(read: Reader): Reader {
  return (call, scene) => read(call, scene) !== missing
}
