import type { ASTNode } from '@marcbachmann/cel-js'
import { isMacroName } from './compile-macro.ts'
import { nearestName } from './nearest-name.ts'
import { fieldsOf, isVariableName, type VariableName, type Variables } from './vocabulary.ts'

/** A name that cannot be read, or a part of the language that is refused. */
export interface NameProblem {
  /** Offset in the source. */
  readonly offset: number
  readonly message: string
  readonly fix?: string
}

/** Levels that an expression may nest. */
const maxDepth = 32

/** What an expression reads and which parts of the language it needs. */
export interface Usage {
  readonly uses: Set<VariableName>
  readonly problems: NameProblem[]
  /** Calls that only the closures may evaluate, because the library does not bound them. */
  readonly bounded: { readonly name: string; readonly offset: number }[]
}

/** Checks every variable and field name of an expression against what is known where it stands. */
export function checkNames(root: ASTNode, variables: Variables): Usage {
  const usage: Usage = { uses: new Set(), problems: [], bounded: [] }
  let depth = 0
  visit(root, new Set())
  return usage

  function visit(node: ASTNode, bound: ReadonlySet<string>): void {
    if (++depth > maxDepth && usage.problems.length === 0)
      usage.problems.push({ offset: node.start, message: `nested deeper than ${maxDepth}` })
    if (depth <= maxDepth) visitChildren(node, bound)
    depth--
  }

  function visitChildren(node: ASTNode, bound: ReadonlySet<string>): void {
    switch (node.op) {
      case 'value':
        return
      case 'id':
        if (!bound.has(node.args)) checkVariable(node.args, node.start, bound, true)
        return
      case '.': {
        const [base, field] = node.args
        if (base.op === 'id' && !bound.has(base.args))
          checkField(base.args, base.start, field, node.end - field.length)
        else visit(base, bound)
        return
      }
      case '[]': {
        const [base, index] = node.args
        if (base.op === 'id' && !bound.has(base.args)) {
          const field = index.op === 'value' && typeof index.args === 'string' ? index.args : undefined
          checkField(base.args, base.start, field, index.start)
        } else visit(base, bound)
        visit(index, bound)
        return
      }
      case 'call':
        for (const argument of node.args[1]) visit(argument, bound)
        return
      case 'rcall': {
        const [name, receiver, args] = node.args
        visit(receiver, bound)
        const variable = args[0]
        const macro = isMacroName(name) && variable?.op === 'id'
        if (macro || name === 'matches' || name === 'bind') usage.bounded.push({ name, offset: node.start })
        const inside = macro ? new Set([...bound, variable.args]) : bound
        for (const argument of macro ? args.slice(1) : args) visit(argument, inside)
        return
      }
      case 'map':
        for (const [key, value] of node.args) {
          visit(key, bound)
          visit(value, bound)
        }
        return
      case '!_':
      case '-_':
        visit(node.args, bound)
        return
      case '.?':
        visit(node.args[0], bound)
        return
      default:
        for (const child of node.args) visit(child, bound)
    }
  }

  function checkVariable(name: string, offset: number, bound: ReadonlySet<string>, whole: boolean): boolean {
    const known = Object.keys(variables)
    if (!isVariableName(name) || variables[name] === undefined) {
      const message = isVariableName(name)
        ? `"${name}" is not known here; known are ${known.join(', ')}`
        : `unknown variable "${name}"; known are ${known.join(', ')}`
      const near = isVariableName(name) ? undefined : nearestName(name, [...known, ...bound])
      usage.problems.push({
        offset,
        message,
        ...(near === undefined ? {} : { fix: `did you mean "${near}"?` }),
      })
      return false
    }
    if (whole && (name === 'caller' || name === 'object' || name === 'request')) {
      const fields = fieldsOf(variables, name) ?? []
      usage.problems.push({ offset, message: `"${name}" needs a field: ${fields.join(', ')}` })
      return false
    }
    usage.uses.add(name)
    return true
  }

  function checkField(name: string, offset: number, field: string | undefined, fieldOffset: number): void {
    if (!checkVariable(name, offset, new Set(), false) || !isVariableName(name)) return
    const known = fieldsOf(variables, name)
    if (field === undefined) {
      if (name === 'caller' || name === 'object' || name === 'request')
        usage.problems.push({ offset, message: `a field of "${name}" is named in the source, not computed` })
      return
    }
    if (known === undefined || known.includes(field)) return
    const near = nearestName(field, known)
    usage.problems.push({
      offset: fieldOffset,
      message: `unknown field "${name}.${field}"; known are ${known.length === 0 ? 'none' : known.join(', ')}`,
      ...(near === undefined ? {} : { fix: `did you mean "${name}.${near}"?` }),
    })
  }
}
