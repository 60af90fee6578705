import { isObject, own } from '../../contract/schema.ts'
import type { Identity } from '../identity.ts'
import type { ProbeOperation } from '../plan/probe-operation.ts'
import { objectLine } from '../policy-line.ts'
import { isOpen, reportWeakness } from '../report-weakness.ts'
import type { Exchange } from '../session.ts'
import { isYes } from '../state/reply-facts.ts'
import type { World } from '../state/world.ts'
import { isPrivate, mainSlot } from './foreign-object.ts'
import { ownerMember } from './object-reads.ts'

const numbers = [1, 2, 3, 4]

/**
 * API1 where no reply tells anybody an id, and ids count: two callers who both read the same several objects of a private kind
 * cannot both own them.
 */
export async function checkGuessedObjects(world: World): Promise<void> {
  const [one, two] = world.identities.filter(({ privileged }) => !privileged)
  if (one === undefined || two === undefined) return
  for (const operation of world.operations) {
    if (operation.declared.method !== 'GET' || operation.open || operation.staff) continue
    const main = mainSlot(operation)
    const required = operation.slots.filter((slot) => slot.required)
    if (
      main === undefined ||
      required.length !== 1 ||
      !main.place.startsWith('path.') ||
      !counts(world, operation)
    )
      continue
    const known = world.identities.some((who) =>
      world.viewsOf(who, operation).some(({ guessed }) => guessed !== true),
    )
    if (known || !isOpen(world, 'bola.read', operation, '')) continue
    await guess(world, operation, main.place, one, two)
  }
}

async function guess(
  world: World,
  operation: ProbeOperation,
  place: string,
  one: Identity,
  two: Identity,
): Promise<void> {
  const both: (readonly [Exchange, Exchange])[] = []
  for (const n of numbers) {
    const call = world.build(operation, new Map([[place, n]]))
    if (call === undefined) return
    const first = await world.session.call(one, call)
    if (!isYes(first.reply) || !isPrivate(operation, first)) continue
    const second = await world.session.call(two, call)
    const nobody = await world.session.call(undefined, call)
    if (second.reply.text === first.reply.text && !isYes(nobody.reply)) both.push([first, second])
  }
  const [a, b] = both
  if (a === undefined || b === undefined || a[0].reply.text === b[0].reply.text) return
  const call = world.build(operation, new Map([[place, 987_654_321]]))
  const control = call === undefined ? undefined : await world.session.call(two, call)
  if (control === undefined || isYes(control.reply)) return
  reportWeakness(world, {
    rule: 'bola.read',
    operation,
    detail: '',
    message: `${one.name} and ${two.name} both read the same ${both.length} objects by counting`,
    confidence: 'firm',
    policy: objectLine(operation, mainSlot(operation), ownerMember(a[0])),
    steps: [
      [`${one.name} reads one`, a[0]],
      [`${two.name} reads the same`, a[1]],
      [`${one.name} reads another`, b[0]],
      [`${two.name} reads the same`, b[1]],
      [`${two.name} reads one that there is not`, control],
    ],
  })
}

function counts(world: World, { declared }: ProbeOperation): boolean {
  return declared.parameters.some(({ in: place, schema }) => {
    const node = world.contract.resolve(schema)
    return place === 'path' && isObject(node) && own(node, 'type') === 'integer'
  })
}
