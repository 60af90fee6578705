import type { SoughtObjects } from '../../kernel/object-places.ts'
import type { Operation } from '../../kernel/operation.ts'
import { parseParameterSource } from './id-source.ts'
import type { ApiPolicy, ObjectRule } from './options.ts'
import { unusableRule } from './ownership.ts'
import { placesIn } from './reply-rule.ts'

/** True where an operation has the parameter that an `id` reads, or the `id` is no parameter. */
export function hasId(rule: ObjectRule, operation: Operation): boolean {
  const parameter = parseParameterSource(rule.id)
  if (parameter === undefined) return true
  return operation.parameters.some(
    (declared) =>
      declared.in === parameter.in &&
      (parameter.in === 'header' ? declared.name.toLowerCase() : declared.name) === parameter.name,
  )
}

/** Slots of the operations whose calls name an object of the rule, or that are written. Throws `Unusable` for none. */
export function operationsOf(rule: ObjectRule, api: Pick<ApiPolicy, 'operations'>): ReadonlySet<number> {
  if (rule.operations !== undefined) return new Set(rule.operations)
  if (parseParameterSource(rule.id) === undefined)
    throw unusableRule(rule, rule.place, 'an "id" that is not a parameter needs "for"')
  const slots = api.operations.filter((one) => hasId(rule, one)).map((one) => one.slot)
  if (slots.length === 0) throw unusableRule(rule, rule.place, `no operation has ${rule.id}`)
  return new Set(slots)
}

/**
 * The operation that shows an object whose owner only a reply tells: the one that is written, else the GET that names the
 * object last in its path (`/bookings/{bookingId}`), where there is exactly one.
 */
export function readOperationOf(
  rule: ObjectRule,
  api: ApiPolicy,
  slots: ReadonlySet<number>,
): Operation | undefined {
  if (rule.read !== undefined) return api.operations.find((one) => one.slot === rule.read)
  const parameter = parseParameterSource(rule.id)
  if (parameter?.in !== 'path') return undefined
  const found = api.operations.filter(
    (one) => slots.has(one.slot) && one.method === 'GET' && one.template.endsWith(`/{${parameter.name}}`),
  )
  return found.length === 1 ? found[0] : undefined
}

/** What to look for in replies: objects of the schema that `read` answers, where that tells the owner. */
export function soughtBy(
  rule: ObjectRule,
  read: Operation | undefined,
  paths: SoughtObjects['paths'],
): SoughtObjects {
  if (rule.schema !== undefined) return { schema: rule.schema, paths }
  const names = new Set(
    (read?.output.successes ?? []).map((reply) =>
      reply.places({ schema: undefined, paths })?.root === true ? reply.schema : undefined,
    ),
  )
  const [schema] = names
  return { schema: names.size === 1 ? schema : undefined, paths }
}

/** True where every successful reply of the operation is declared to show the object that was asked for. */
export function showsObject(operation: Operation, sought: SoughtObjects): boolean {
  const { successes } = operation.output
  return (
    successes.length > 0 &&
    successes.every((reply) => reply.places(sought) !== undefined || placesIn(reply, sought)?.root === true)
  )
}

/** True where a reply of the operation is declared to hold such an object outside its lists. */
export function showsSingle(operation: Operation, sought: SoughtObjects): boolean {
  return operation.output.successes.some(
    (reply) => (reply.places(sought) ?? placesIn(reply, sought))?.single === true,
  )
}

/** True where a reply of the operation, or an error that it reports, is declared to hold objects of the schema. */
export function showsAny({ output }: Operation, sought: SoughtObjects): boolean {
  if (sought.schema === undefined) return false
  return [...output.successes, ...(output.errors ?? [])].some((reply) => reply.places(sought) !== undefined)
}

/**
 * Operations that show objects of the rule though no call of theirs names one: those whose reply holds the schema,
 * searches and creations among them, and the collection that the path of `read` belongs to.
 */
export function listsOf(
  rule: ObjectRule,
  api: ApiPolicy,
  sought: SoughtObjects,
  read: Operation | undefined,
): Operation[] {
  if (rule.operations !== undefined) return []
  const collection = read?.template.replace(/\/\{[^{}/]*\}$/, '')
  return api.operations.filter((one) => {
    if (hasId(rule, one)) return false
    if (showsAny(one, sought)) return true
    if (one.method !== 'GET') return false
    const ofCollection = one.template === collection && read?.template !== collection
    return ofCollection && one.output.successes.some((reply) => placesIn(reply, sought) !== undefined)
  })
}
