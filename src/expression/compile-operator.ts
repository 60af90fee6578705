import { compare, isEqual } from './compare.ts'
import { memberOf } from './compile-access.ts'
import { isFailure, mistyped } from './failure.ts'
import type { Reader } from './reader.ts'

export function compileEqual(left: Reader, right: Reader, negated: boolean): Reader {
  return (call, scene) => {
    const a = left(call, scene)
    if (isFailure(a)) return a
    const b = right(call, scene)
    if (isFailure(b)) return b
    return isEqual(a, b) !== negated
  }
}

export type Relation = '<' | '<=' | '>' | '>='

export function compileRelation(left: Reader, right: Reader, relation: Relation): Reader {
  const holds: (order: number) => boolean =
    relation === '<'
      ? (order) => order < 0
      : relation === '<='
        ? (order) => order <= 0
        : relation === '>'
          ? (order) => order > 0
          : (order) => order >= 0
  return (call, scene) => {
    const a = left(call, scene)
    if (isFailure(a)) return a
    const b = right(call, scene)
    if (isFailure(b)) return b
    const order = compare(a, b)
    return order === undefined ? mistyped : holds(order)
  }
}

/** Membership in a list or among the keys of a map. A string is not a list: no substring slips through. */
export function compileIn(left: Reader, right: Reader): Reader {
  return (call, scene) => {
    const value = left(call, scene)
    if (isFailure(value)) return value
    const group = right(call, scene)
    if (isFailure(group)) return group
    if (Array.isArray(group)) {
      for (const item of group) if (isEqual(value, item)) return true
      return false
    }
    // Keys of JSON maps are strings: no other value is among them.
    const member = memberOf(group, typeof value === 'string' ? value : '')
    return member === mistyped ? mistyped : typeof value === 'string' && !isFailure(member)
  }
}

/**
 * `&&` (`decisive` false) and `||` (`decisive` true). As CEL has it, a side that decides outweighs a failure of
 * the other; where neither decides, the failure stands.
 */
export function compileLogical(left: Reader, right: Reader, decisive: boolean): Reader {
  return (call, scene) => {
    const a = left(call, scene)
    if (a === decisive) return decisive
    const b = right(call, scene)
    if (b === decisive) return decisive
    if (typeof a !== 'boolean') return isFailure(a) ? a : mistyped
    if (typeof b !== 'boolean') return isFailure(b) ? b : mistyped
    return !decisive
  }
}

export function compileNot(operand: Reader): Reader {
  return (call, scene) => {
    const value = operand(call, scene)
    return typeof value === 'boolean' ? !value : isFailure(value) ? value : mistyped
  }
}

export function compileTernary(condition: Reader, then: Reader, otherwise: Reader): Reader {
  return (call, scene) => {
    const value = condition(call, scene)
    if (value === true) return then(call, scene)
    if (value === false) return otherwise(call, scene)
    return isFailure(value) ? value : mistyped
  }
}

export function compileList(items: readonly Reader[]): Reader {
  return (call, scene) => {
    const list: unknown[] = []
    for (const item of items) {
      const value = item(call, scene)
      if (isFailure(value)) return value
      list.push(value)
    }
    return list
  }
}
