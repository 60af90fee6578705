import type { Mode } from '../../kernel/mode.ts'
import type { SoughtObjects } from '../../kernel/object-places.ts'
import type { Operation } from '../../kernel/operation.ts'
import { compileIdSource, type IdSource, parseParameterSource } from './id-source.ts'
import {
  hasId,
  listsOf,
  operationsOf,
  readOperationOf,
  showsAny,
  showsObject,
  showsSingle,
  soughtBy,
} from './object-operations.ts'
import { compileDeclaredRule, type DeclaredRule } from './object-rule.ts'
import type { ApiPolicy, ObjectRule } from './options.ts'
import { ownerPaths } from './owner-paths.ts'
import { compileOwnership, unusableRule } from './ownership.ts'
import type { ReadFirstRule } from './read-first.ts'
import type { ReplyRule } from './reply-rule.ts'

/** An object rule on one operation: decided by the request, by the reply, or by reading the object first. */
export type CompiledObject =
  | { readonly by: 'request'; readonly check: DeclaredRule }
  | { readonly by: 'reply'; readonly rule: ReplyRule; readonly head: ReadFirstRule | undefined }
  | {
      readonly by: 'read'
      readonly rule: ReadFirstRule
      readonly derived: boolean
      /** What the reply shows beside the object that was read. */
      readonly reply: ReplyRule | undefined
    }

/** An object rule with the operations it is for. */
export interface ObjectTarget {
  readonly rule: ObjectRule
  readonly slots: ReadonlySet<number>
  readonly read: Operation | undefined
  readonly sought: SoughtObjects
}

/** Finds the operations of a rule. Throws `Unusable` where there are none. */
export function targetOf(rule: ObjectRule, api: ApiPolicy): ObjectTarget {
  const slots = new Set(operationsOf(rule, api))
  const paths = ownerPaths(rule.owner, rule.allow, rule.subject)
  if (paths.length > 0 && !api.operations.some((one) => hasId(rule, one)))
    throw unusableRule(rule, rule.at?.id ?? rule.place, `no operation has ${rule.id}`)
  const read = paths.length === 0 ? undefined : readOperationOf(rule, api, slots)
  const sought = soughtBy(rule, read, ownerPaths(rule.owner))
  if (paths.length > 0) for (const { slot } of listsOf(rule, api, sought, read)) slots.add(slot)
  return { rule, slots, read, sought }
}

/** Compiles a rule for one of its operations. Throws `Unusable`, with the line to add where one is missing. */
export function compileObject(target: ObjectTarget, operation: Operation, api: ApiPolicy): CompiledObject {
  const { rule, read, sought } = target
  const ownership = compileOwnership(rule, operation)
  const mode: Mode = rule.mode ?? api.modes.object
  const place = rule.at?.id ?? rule.place
  if (ownership.phase !== 'reply') {
    const source = compileIdSource(rule.id, operation, place)
    return { by: 'request', check: compileDeclaredRule(rule, source, ownership, api.modes.object) }
  }
  const listing = { rule, ownership, mode, source: undefined, sought }
  const safe = operation.method === 'GET' || operation.method === 'QUERY'
  if (!hasId(rule, operation)) {
    if (safe) return { by: 'reply', rule: listing, head: undefined }
    const makes = operation.output.declares(201)
    return { by: 'reply', rule: { ...listing, written: makes ? 'made' : 'unknown' }, head: undefined }
  }
  const source = compileIdSource(rule.id, operation, place)
  const base = { rule, ownership, mode, source, sought }
  const shows = operation.method === 'GET' && (operation === read || showsObject(operation, sought))
  // Whose the elements of a list are does not tell whose the object in the path is.
  const lists =
    operation !== read && parseParameterSource(rule.id)?.in === 'path' && !showsSingle(operation, sought)
  if (shows && (!lists || read === undefined))
    return { by: 'reply', rule: base, head: readFirst(base, operation, operation) }
  const reader = read ?? sameTemplate(operation, api)
  if (reader === undefined || reader === operation) throw needsRead(rule, operation, api)
  const shown = showsAny(operation, sought)
  const written = safe ? undefined : ('proven' as const)
  return {
    by: 'read',
    rule: readFirst(base, operation, reader),
    derived: rule.read === undefined,
    reply: shown ? { ...listing, ...(written !== undefined && { written }) } : undefined,
  }
}

function sameTemplate(operation: Operation, api: ApiPolicy): Operation | undefined {
  const found = api.operations.filter((one) => one.method === 'GET' && one.template === operation.template)
  return found.length === 1 ? found[0] : undefined
}

function needsRead(rule: ObjectRule, operation: Operation, api: ApiPolicy): Error {
  const name = parseParameterSource(rule.id)?.name ?? 'id'
  const near = api.operations.find((one) => one.method === 'GET' && one.template.endsWith(`/{${name}}`))
  return unusableRule(
    rule,
    rule.place,
    `${operation.method} ${operation.template} needs "read": its own reply does not tell the owner in time`,
    `add \`read: "GET ${near?.template ?? `/…/{${name}}`}"\``,
  )
}

/** Puts the parameters of `read` together from those of the operation. Throws `Unusable` where one is missing. */
function readFirst(
  base: Omit<ReplyRule, 'source'> & { readonly source: IdSource },
  operation: Operation,
  read: Operation,
): ReadFirstRule {
  const { rule } = base
  const parameter = parseParameterSource(rule.id)
  const names = read.parameters.filter((one) => one.in === 'path').map((one) => one.name)
  const sameTarget = read.template === operation.template && parameter?.in === 'path'
  const own = parameter?.in === 'path' && names.includes(parameter.name) ? parameter.name : names.at(-1)
  if (!sameTarget) {
    const known = new Set(operation.parameters.filter((one) => one.in === 'path').map((one) => one.name))
    const missing = names.find((name) => name !== own && !known.has(name))
    if (own === undefined || missing !== undefined)
      throw unusableRule(
        rule,
        rule.place,
        `"read" cannot be called for ${operation.method} ${operation.template}: nothing gives ${missing ?? 'the id'}`,
      )
  }
  if (read !== operation) {
    const required = read.parameters.find((one) => one.required && one.in !== 'path')
    if (required !== undefined)
      throw unusableRule(
        rule,
        rule.place,
        `"read" needs ${required.in}.${required.name}, which nothing gives`,
      )
  }
  return { ...base, read, names, idName: own, sameTarget }
}
