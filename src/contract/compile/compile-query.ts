import type { QueryPair } from '../../kernel/facts.ts'
import type { SchemaError } from '../../kernel/verdict.ts'
import type { DeclaredParameter } from '../declared.ts'
import type { RequestJudges } from '../judge/check-request.ts'
import { maxErrors } from '../judge/judge.ts'
import { isObject, own, pointerToken } from '../schema.ts'
import { kindsOf, propertyNamesOf, propertyOf } from '../schemas/kinds.ts'
import type { SchemaStore } from '../schemas/schema-store.ts'
import { compileParameter, type ParameterCheck } from './compile-parameter.ts'
import { type DeepEntry, parseBrackets, readDeep, refused } from './read-text.ts'

interface Slot {
  readonly index: number
  readonly parameter: DeclaredParameter
  readonly check: ParameterCheck
  readonly list: boolean
}

const noNames = new Set<string>()

type Gathered = string | string[] | DeepEntry[] | undefined

/** Checks the query; `undefined` where an operation has nothing to check in an empty one. */
export interface QueryCheck {
  readonly required: boolean
  check(pairs: readonly QueryPair[], errors: SchemaError[]): void
}

/**
 * Compiles the query parameters of an operation. What is not declared is an error; a name that comes twice is one unless
 * the parameter is an exploded list. `credentials` are names of API keys, which the security scheme declares.
 */
export function compileQuery(
  parameters: readonly DeclaredParameter[],
  credentials: ReadonlySet<string>,
  judges: RequestJudges,
): QueryCheck {
  const { store } = judges.validators
  const slots: Slot[] = parameters.map((parameter, index) => {
    const check = compileParameter(parameter, judges)
    const list = check.shape === 'list' && parameter.explode && parameter.style === 'form'
    return { index, parameter, check, list }
  })
  const byName = new Map<string, Slot>()
  const members = new Map<string, { readonly slot: Slot; readonly path: readonly string[] }>()
  const deep = new Map<string, Slot>()
  let rest: Slot | undefined
  for (const slot of slots) {
    const { parameter, check } = slot
    if (parameter.style === 'deepObject') deep.set(parameter.name, slot)
    else if (check.shape === 'object' && parameter.explode && !parameter.json) {
      for (const name of propertyNamesOf(parameter.schema, store)) members.set(name, { slot, path: [name] })
      if (takesMore(parameter, store)) rest = slot
    } else byName.set(parameter.name, slot)
  }

  const gather = (pair: QueryPair, gathered: Gathered[], seen: Set<string>): string | undefined => {
    const { name, value } = pair
    const slot = byName.get(name)
    if (slot !== undefined) {
      const before = gathered[slot.index]
      if (slot.list) {
        if (before === undefined) gathered[slot.index] = [value]
        else (before as string[]).push(value)
        return undefined
      }
      if (before !== undefined) return 'repeated'
      gathered[slot.index] = value
      return undefined
    }
    if (credentials.has(name)) {
      // A key that comes twice could be read as either.
      if (seen.has(name)) return 'repeated'
      seen.add(name)
      return undefined
    }
    const member = memberOf(name)
    if (member === undefined) return 'undeclared'
    const entries = (gathered[member.slot.index] ?? []) as DeepEntry[]
    gathered[member.slot.index] = entries
    const key = member.path.join('\n')
    if (member.path.at(-1) !== '' && entries.some((entry) => entry.path.join('\n') === key)) return 'repeated'
    entries.push({ path: member.path, text: value })
    return undefined
  }

  const memberOf = (name: string): { readonly slot: Slot; readonly path: readonly string[] } | undefined => {
    const member = members.get(name)
    if (member !== undefined) return member
    const bracket = name.indexOf('[')
    if (bracket > 0) {
      const slot = deep.get(name.slice(0, bracket))
      const path = slot === undefined ? undefined : parseBrackets(name, bracket)
      if (slot !== undefined && path !== undefined) return { slot, path }
    }
    return rest === undefined || name === '__proto__' ? undefined : { slot: rest, path: [name] }
  }

  return {
    required: parameters.some((p) => p.required),
    check(pairs, errors) {
      const gathered: Gathered[] = new Array(slots.length)
      const seen = credentials.size > 0 ? new Set<string>() : noNames
      for (const pair of pairs) {
        const code = gather(pair, gathered, seen)
        if (code === undefined) continue
        if (errors.length >= maxErrors) return
        errors.push({ pointer: `/query/${pointerToken(pair.name)}`.slice(0, 300), code })
      }
      for (const slot of slots) {
        const raw = gathered[slot.index]
        if (raw === undefined) {
          if (slot.parameter.required) errors.push({ pointer: slot.check.pointer, code: 'required' })
          continue
        }
        if (raw === '' && slot.parameter.allowEmptyValue) continue
        const value = valueOfSlot(slot, raw, store)
        if (value === refused) errors.push({ pointer: slot.check.pointer, code: codeOf(slot) })
        else for (const error of slot.check.validate(value)) errors.push(error)
      }
    },
  }
}

function valueOfSlot(
  { check, parameter }: Slot,
  raw: string | readonly string[] | readonly DeepEntry[],
  store: SchemaStore,
): unknown {
  if (typeof raw === 'string') return check.read(raw)
  if (typeof raw[0] === 'object') return readDeep(raw as readonly DeepEntry[], parameter.schema, store)
  return check.readAll(raw as readonly string[])
}

function codeOf({ parameter, check }: Slot): string {
  return parameter.json || check.shape === 'object' ? 'malformed' : 'type'
}

/** True for an exploded object that takes names it does not list. */
function takesMore({ schema }: DeclaredParameter, store: SchemaStore): boolean {
  if (!isObject(schema)) return false
  if (propertyNamesOf(schema, store).size === 0) return own(schema, 'additionalProperties') !== false
  return (
    own(schema, 'additionalProperties') === true ||
    (propertyOf(schema, '\0', store) !== undefined && kindsOf(schema, store).has('object'))
  )
}
