import { compileExpression } from '../../expression/compile-expression.ts'
import type { Expression } from '../../expression/expression.ts'
import type { Variables } from '../../expression/vocabulary.ts'
import type { Mode } from '../../kernel/mode.ts'
import type { PropertyRule } from './options.ts'
import type { Ownership } from './ownership.ts'

/** Who may read, or write, one property: nobody, or those for whom the condition holds. */
export interface PropertyCondition {
  readonly expression: Expression | 'never'
  /** True where the condition depends on the object that the property stands in. */
  readonly varies: boolean
  /** What happens to a property that is refused. */
  readonly refused: 'remove' | 'refuse'
}

/** A compiled property rule; its place in the list of an API is the number of the guard. */
export interface CompiledProperty {
  readonly name: string
  readonly schema: string
  readonly operations: ReadonlySet<number>
  readonly mode: Mode
  readonly read: PropertyCondition | undefined
  readonly write: PropertyCondition | undefined
  /** Tells the owner of an object of the schema from the object itself. */
  readonly owner: Ownership | undefined
}

const head: Variables = {
  caller: 'any',
  path: 'any',
  query: 'any',
  header: 'any',
  cookie: 'any',
  request: 'any',
  object: 'any',
}

/** Compiles a property rule; `owner` is the object rule of its schema whose owner the object tells. Throws `Unusable`. */
export function compilePropertyRule(
  rule: PropertyRule,
  mode: Mode,
  owner: Ownership | undefined,
): CompiledProperty {
  const compile = (key: 'read' | 'write'): PropertyCondition | undefined => {
    const source = rule[key]?.trim()
    if (source === undefined) return undefined
    const refused = refusedBy(rule, key)
    if (source === 'never') return { expression: 'never', varies: false, refused }
    const expression = compileExpression(source, {
      place: rule.at?.[key] ?? rule.place,
      variables: key === 'read' ? { ...head, response: 'any' } : { ...head, body: 'any' },
      expects: 'bool',
    })
    return { expression, varies: expression.uses.has('object') || expression.uses.has('response'), refused }
  }
  return {
    name: rule.name,
    schema: rule.schema,
    operations: rule.operations,
    mode: rule.mode ?? mode,
    read: compile('read'),
    write: compile('write'),
    owner,
  }
}

function refusedBy(rule: PropertyRule, key: 'read' | 'write'): 'remove' | 'refuse' {
  if (rule.onRefused === 'refuse') return 'refuse'
  return key === 'read' || rule.onRefused === 'drop' ? 'remove' : 'refuse'
}
