import { isObject, own, type Schema } from '../../contract/schema.ts'
import type { ProbeOperation } from '../plan/probe-operation.ts'
import { propertyLine } from '../policy-line.ts'
import { isOpen, reportWeakness } from '../report-weakness.ts'
import { isYes, jsonOf, leavesOf } from '../state/reply-facts.ts'
import type { World } from '../state/world.ts'

/** API3: members that the contract keeps for staff, in replies to somebody who is none. */
export async function checkStaffProperties(world: World): Promise<void> {
  for (const operation of world.operations) {
    if (!operation.reads || operation.staff) continue
    const kept = keptFor(world, operation)
    for (const identity of kept.size === 0 ? [] : world.identities) {
      const [view] = world.viewsOf(identity, operation)
      if (identity.privileged || view === undefined || !isYes(view.exchange.reply)) continue
      const told = leavesOf(jsonOf(view.exchange.reply)).find(({ path }) => kept.has(path.join('/')))
      if (told === undefined || !isOpen(world, 'property.role', operation, told.name)) continue
      const staff = world.identities.find((one) => one.privileged)
      const above = staff === undefined ? undefined : world.viewsOf(staff, operation)[0]
      reportWeakness(world, {
        rule: 'property.role',
        operation,
        detail: told.name,
        message: `${identity.name} reads ${told.name}, which the contract keeps for staff`,
        confidence: 'firm',
        policy: propertyLine(operation, kept.get(told.path.join('/')), told.name, 'read'),
        steps: [
          ...(above === undefined ? [] : [['staff reads', above.exchange] as const]),
          [`${identity.name} reads`, view.exchange],
        ],
      })
    }
  }
}

const words =
  /\b(?:(?:staff|admins?|administrators?|operators?|employees|back ?office|internal use) only|only (?:for |visible to |shown to )?(?:staff|admins?|administrators?|operators?|employees)|not (?:for|shown to|visible to) (?:customers|users|callers))\b/i

/** Paths of members that a reply's schema marks, with the name of the schema they are in: `x-internal`, or a description that says so. */
function keptFor(world: World, { declared }: ProbeOperation): ReadonlyMap<string, string | undefined> {
  const kept = new Map<string, string | undefined>()
  const visit = (schema: Schema | undefined, path: readonly string[], name: string | undefined): void => {
    if (path.length > 6 || kept.size > 40) return
    const reference = isObject(schema) ? own(schema, '$ref') : undefined
    const within = typeof reference === 'string' ? reference.split('/').at(-1) : name
    const node = world.contract.resolve(schema)
    if (!isObject(node)) return
    if (own(node, 'x-internal') === true || words.test(String(own(node, 'description') ?? '')))
      if (path.length > 0) kept.set(path.join('/'), name)
    const items = own(node, 'items')
    if (items !== undefined) visit(items as Schema, [...path, '*'], within)
    const properties = own(node, 'properties')
    if (isObject(properties))
      for (const key of Object.keys(properties)) visit(own(properties, key) as Schema, [...path, key], within)
  }
  for (const { status, media } of declared.responses)
    if (status.startsWith('2')) visit(media?.[0]?.schema, [], undefined)
  return kept
}
