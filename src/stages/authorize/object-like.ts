import type { Finding } from '../../kernel/finding.ts'
import type { Operation, Parameter } from '../../kernel/operation.ts'

/** Names that point at one object. */
const idName =
  /^(?:id|uuid|guid|key|slug|handle|ref|number|username)$|(?:Id|ID|Uuid|UUID|Guid|_id|-id|_uuid|-uuid|_key|Key|Slug)$/
/** In a query only an unmistakable id counts: most query parameters are filters. */
const queryIdName = /^(?:id|ids|uuid|guid)$|(?:Id|ID|Ids|Uuid|_id|_ids|-id)$/
/** Values that are no object, although they stand where one could. */
const noObject =
  /^(?:v|version|api_?version|lang|language|locale|format|ext|date|day|week|month|year|from|to|page|type|kind|status|category|region|country|currency|action)$/i
/** Ids of a call or a program, not of an object. */
const technical =
  /^(?:x-)?(?:request|correlation|trace|span|client|app|application|session|idempotency)[-_]?(?:id|key)$/i

/** True where a path parameter follows the name of a collection: `/bookings/{ref}`. */
function followsCollection(template: string, name: string): boolean {
  const segments = template.split('/')
  const before = segments[segments.indexOf(`{${name}}`) - 1]
  return before !== undefined && /^[a-z][a-z-_]*(?:s|ies|people|data)$/i.test(before)
}

/**
 * Parameters that name an object: ids by name, and path segments after a collection. What no rule guards is a
 * door left open (OWASP API1:2023).
 */
export function objectLikeParameters(operation: Operation): Parameter[] {
  return operation.parameters.filter(({ in: where, name }) => {
    if (noObject.test(name) || technical.test(name)) return false
    if (where === 'path') return idName.test(name) || followsCollection(operation.template, name)
    return where === 'query' && queryIdName.test(name)
  })
}

/** What else guards an operation, which decides how loud its open door is named. */
export interface Surroundings {
  readonly open: boolean
  readonly functions: boolean
}

/** One finding per object-like parameter that no object rule reads. */
export function objectWithoutRule(
  operation: Operation,
  guarded: ReadonlySet<string>,
  around: Surroundings,
): Finding[] {
  return objectLikeParameters(operation)
    .filter((parameter) => !guarded.has(`${parameter.in}.${parameter.name}`))
    .map((parameter) => {
      const member = /^[A-Za-z_]\w*$/.test(parameter.name) ? `.${parameter.name}` : `['${parameter.name}']`
      const source = `${parameter.in}${member}`
      return {
        rule: 'open-door.object-without-rule',
        severity: around.open || around.functions ? 'note' : 'warning',
        message: `${operation.method} ${operation.template} names an object by ${source}, and no object rule says whose it is`,
        place: parameter.place,
        fix: `objects: { name: { id: ${source}, owner: … } }`,
      }
    })
}
