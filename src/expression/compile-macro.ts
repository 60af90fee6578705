import { exhausted, type Failure, isFailure, mistyped } from './failure.ts'
import type { Meter, Reader } from './reader.ts'
import type { Call, Scene } from './scene.ts'

/** The item that a macro is looking at. Evaluation is synchronous, so one cell per macro is enough. */
export interface Cell {
  value: unknown
}

export type MacroName = 'all' | 'exists' | 'exists_one' | 'map' | 'filter'

export function isMacroName(name: string): name is MacroName {
  return name === 'all' || name === 'exists' || name === 'exists_one' || name === 'map' || name === 'filter'
}

type Visit = (outcome: unknown, item: unknown) => 'stop' | 'go' | Failure

/** Visits each item of a list within the budget; stops early when told. */
function walk(list: Reader, cell: Cell, body: Reader, meter: Meter) {
  return (call: Call, scene: Scene, visit: Visit): Failure | undefined => {
    const items = list(call, scene)
    if (isFailure(items)) return items
    if (!Array.isArray(items)) return mistyped
    for (const item of items) {
      if (meter.left-- <= 0) return exhausted
      cell.value = item
      const told = visit(body(call, scene), item)
      if (told === 'stop') return undefined
      if (told !== 'go') return told
    }
    return undefined
  }
}

/** `all` (`decisive` false) and `exists` (`decisive` true), with CEL's absorption of failures. */
function compileQuantifier(list: Reader, cell: Cell, body: Reader, meter: Meter, decisive: boolean): Reader {
  const each = walk(list, cell, body, meter)
  return (call, scene) => {
    let failed: Failure | undefined
    let decided = false
    const stopped = each(call, scene, (outcome) => {
      if (outcome === decisive) {
        decided = true
        return 'stop'
      }
      if (outcome === exhausted) return exhausted
      if (typeof outcome !== 'boolean') failed ??= isFailure(outcome) ? outcome : mistyped
      return 'go'
    })
    if (decided) return decisive
    return stopped ?? failed ?? !decisive
  }
}

function compileOne(list: Reader, cell: Cell, body: Reader, meter: Meter): Reader {
  const each = walk(list, cell, body, meter)
  return (call, scene) => {
    let count = 0
    const failed = each(call, scene, (outcome) => {
      if (typeof outcome !== 'boolean') return isFailure(outcome) ? outcome : mistyped
      if (outcome) count++
      return 'go'
    })
    return failed ?? count === 1
  }
}

function compileFilter(list: Reader, cell: Cell, body: Reader, meter: Meter): Reader {
  const each = walk(list, cell, body, meter)
  return (call, scene) => {
    const kept: unknown[] = []
    const failed = each(call, scene, (outcome, item) => {
      if (typeof outcome !== 'boolean') return isFailure(outcome) ? outcome : mistyped
      if (outcome) kept.push(item)
      return 'go'
    })
    return failed ?? kept
  }
}

function compileMap(list: Reader, cell: Cell, body: Reader, meter: Meter): Reader {
  const each = walk(list, cell, body, meter)
  return (call, scene) => {
    const made: unknown[] = []
    const failed = each(call, scene, (outcome) => {
      if (isFailure(outcome)) return outcome
      made.push(outcome)
      return 'go'
    })
    return failed ?? made
  }
}

/** One comprehension over a list. All comprehensions of an expression share one budget of steps. */
export function compileMacro(name: MacroName, list: Reader, cell: Cell, body: Reader, meter: Meter): Reader {
  switch (name) {
    case 'all':
      return compileQuantifier(list, cell, body, meter, false)
    case 'exists':
      return compileQuantifier(list, cell, body, meter, true)
    case 'exists_one':
      return compileOne(list, cell, body, meter)
    case 'filter':
      return compileFilter(list, cell, body, meter)
    case 'map':
      return compileMap(list, cell, body, meter)
  }
}
