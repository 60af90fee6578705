import type { ASTNode } from '@marcbachmann/cel-js'
import { compileFieldPresence, compileItem, compileMember, compilePresence } from './compile-access.ts'
import { compileMatches, compileMethod, compileSize } from './compile-function.ts'
import { type Cell, compileMacro, isMacroName } from './compile-macro.ts'
import {
  compileEqual,
  compileIn,
  compileList,
  compileLogical,
  compileNot,
  compileRelation,
  compileTernary,
} from './compile-operator.ts'
import { compileDynamicField, compileField, compileVariable } from './compile-variable.ts'
import type { Compiled, Reader, Scope } from './reader.ts'
import { isVariableName, type VariableName } from './vocabulary.ts'

/**
 * Compiles the checked syntax tree of a CEL expression to closures that read the facts in place. Speaks paths,
 * literals, comparison, logic, `in`, `has`, `size`, text tests, `matches` and the list macros; returns undefined
 * for the rest (arithmetic, conversions, time), which the library evaluates. A property test holds both equal.
 */
export function compileClosure(node: ASTNode, scope: Scope): Compiled {
  switch (node.op) {
    case 'value':
      return compileLiteral(node.args)
    case 'id':
      return (
        scope.bound.get(node.args) ?? (isVariableName(node.args) ? compileVariable(node.args) : undefined)
      )
    case '.': {
      const variable = variableOf(node.args[0], scope)
      if (variable !== undefined && !isValue(variable)) return compileField(variable, node.args[1])
      const base = compileClosure(node.args[0], scope)
      return base === undefined ? undefined : compileMember(base, node.args[1])
    }
    case '[]':
      return compileIndex(node.args[0], node.args[1], scope)
    case '==':
    case '!=':
      return both(node.args, scope, (left, right) => compileEqual(left, right, node.op === '!='))
    case '<':
    case '<=':
    case '>':
    case '>=': {
      const relation = node.op
      return both(node.args, scope, (left, right) => compileRelation(left, right, relation))
    }
    case 'in':
      return both(node.args, scope, compileIn)
    case '&&':
    case '||':
      return both(node.args, scope, (left, right) => compileLogical(left, right, node.op === '||'))
    case '!_': {
      const operand = compileClosure(node.args, scope)
      return operand === undefined ? undefined : compileNot(operand)
    }
    case '-_':
      return node.args.op === 'value' ? compileNegative(node.args.args) : undefined
    case '?:': {
      const [condition, then, otherwise] = all(node.args, scope) ?? []
      return condition === undefined || then === undefined || otherwise === undefined
        ? undefined
        : compileTernary(condition, then, otherwise)
    }
    case 'list': {
      const items = all(node.args, scope)
      return items === undefined ? undefined : compileList(items)
    }
    case 'call':
      return compileCall(node.args[0], node.args[1], scope)
    case 'rcall':
      return compileReceiverCall(node.args[0], node.args[1], node.args[2], scope)
    default:
      return undefined
  }
}

/** Variables that are JSON values themselves; the others are groups of named values. */
function isValue(variable: VariableName): boolean {
  return variable === 'body' || variable === 'response'
}

function variableOf(node: ASTNode, scope: Scope): VariableName | undefined {
  return node.op === 'id' && !scope.bound.has(node.args) && isVariableName(node.args) ? node.args : undefined
}

function compileLiteral(value: unknown): Compiled {
  if (typeof value === 'bigint') {
    // Comparison is exact across both kinds of number; small ones are faster as doubles.
    const literal = value >= -9007199254740991n && value <= 9007199254740991n ? Number(value) : value
    return () => literal
  }
  if (value === null || typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number')
    return () => value
  return undefined
}

function compileNegative(value: unknown): Compiled {
  return typeof value === 'bigint' || typeof value === 'number' ? compileLiteral(-value) : undefined
}

function compileIndex(base: ASTNode, index: ASTNode, scope: Scope): Compiled {
  const variable = variableOf(base, scope)
  const literal = index.op === 'value' && typeof index.args === 'string' ? index.args : undefined
  if (variable !== undefined && !isValue(variable)) {
    if (literal !== undefined) return compileField(variable, literal)
    const key = compileClosure(index, scope)
    return key === undefined ? undefined : compileDynamicField(variable, key)
  }
  const inner = compileClosure(base, scope)
  if (inner === undefined) return undefined
  if (literal !== undefined) return compileMember(inner, literal)
  const at = compileClosure(index, scope)
  return at === undefined ? undefined : compileItem(inner, at)
}

function compileCall(name: string, args: readonly ASTNode[], scope: Scope): Compiled {
  const [argument] = args
  if (argument === undefined || args.length !== 1) return undefined
  if (name === 'size') {
    const value = compileClosure(argument, scope)
    return value === undefined ? undefined : compileSize(value)
  }
  if (name !== 'has' || argument.op !== '.') return undefined
  const [base, field] = argument.args
  const variable = variableOf(base, scope)
  if (variable !== undefined && !isValue(variable)) {
    const read = compileField(variable, field)
    return read === undefined ? undefined : compileFieldPresence(read)
  }
  const inner = compileClosure(base, scope)
  return inner === undefined ? undefined : compilePresence(inner, field)
}

function compileReceiverCall(
  name: string,
  target: ASTNode,
  args: readonly ASTNode[],
  scope: Scope,
): Compiled {
  const receiver = compileClosure(target, scope)
  if (receiver === undefined) return undefined
  const [first, second, third] = args
  if (isMacroName(name) && first?.op === 'id' && second !== undefined) {
    const cell: Cell = { value: undefined }
    const inside: Scope = {
      meter: scope.meter,
      bound: new Map([...scope.bound, [first.args, (): unknown => cell.value]]),
    }
    const body = compileClosure(second, inside)
    if (body === undefined) return undefined
    if (third === undefined) return compileMacro(name, receiver, cell, body, scope.meter)
    const transform = compileClosure(third, inside)
    if (name !== 'map' || transform === undefined) return undefined
    const filtered = compileMacro('filter', receiver, cell, body, scope.meter)
    return compileMacro('map', filtered, cell, transform, scope.meter)
  }
  if (name === 'matches')
    return first?.op === 'value' && typeof first.args === 'string'
      ? compileMatches(receiver, first.args)
      : undefined
  const readers = all(args, scope)
  return readers === undefined ? undefined : compileMethod(name, receiver, readers)
}

function both(
  pair: readonly [ASTNode, ASTNode],
  scope: Scope,
  make: (left: Reader, right: Reader) => Reader,
): Compiled {
  const left = compileClosure(pair[0], scope)
  const right = compileClosure(pair[1], scope)
  return left === undefined || right === undefined ? undefined : make(left, right)
}

function all(nodes: readonly ASTNode[], scope: Scope): Reader[] | undefined {
  const readers: Reader[] = []
  for (const node of nodes) {
    const reader = compileClosure(node, scope)
    if (reader === undefined) return undefined
    readers.push(reader)
  }
  return readers
}
