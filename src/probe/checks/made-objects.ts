import type { Identity } from '../identity.ts'
import type { ProbeOperation } from '../plan/probe-operation.ts'
import { objectLine } from '../policy-line.ts'
import { isOpen, reportWeakness } from '../report-weakness.ts'
import { otherId } from '../state/known-id.ts'
import { isYes } from '../state/reply-facts.ts'
import type { MadeObject, World } from '../state/world.ts'
import { makeOne } from '../steps-make.ts'
import { mainSlot, refill } from './foreign-object.ts'
import { fillsOf, fitsSlot } from './held-object.ts'

/**
 * API1: changes that no read shows (`PUT /users/{name}/password`) and removals, on objects of another and on accounts that the
 * probe registered: they are nobody's among the identities.
 */
export async function checkMadeObjects(world: World): Promise<void> {
  for (const operation of world.operations) {
    const { method } = operation.declared
    if (operation.staff || operation.open || !['PUT', 'PATCH', 'DELETE'].includes(method)) continue
    if (['bola.write', 'bola.delete', 'bola.act'].some((rule) => !isOpen(world, rule, operation, '')))
      continue
    const other = world.identities.find((one) => !one.privileged)
    if (other !== undefined) await useForeign(world, operation, other)
  }
}

async function useForeign(world: World, operation: ProbeOperation, other: Identity): Promise<void> {
  const main = mainSlot(operation)
  const made = main === undefined ? undefined : await foreignFor(world, operation, other)
  if (main === undefined || made === undefined) return
  const fills = fillsOf(operation, made)
  const call = world.build(operation, fills, { full: true, seed: world.nextSeed() })
  if (call === undefined) return
  const none = refill(
    world,
    { operation, call },
    new Map([...fills, [main.place, otherId(fills.get(main.place) as string, world.random)]]),
  )
  // First one that there is not: where that is granted too, a grant says nothing.
  const control =
    none === undefined ? undefined : await world.session.call(other, { ...none, body: call.body })
  if (control === undefined || isYes(control.reply)) return
  const attack = await world.session.call(other, call)
  if (!isYes(attack.reply)) return
  const removing = operation.declared.method === 'DELETE'
  if (removing) {
    made.gone = true
    world.journal.undone(made.n)
  }
  reportWeakness(world, {
    rule: removing ? 'bola.delete' : 'bola.act',
    operation,
    detail: '',
    message: `${other.name} does it to ${made.owner === undefined ? 'an account that is not its own' : `what is ${made.owner.name}'s`}`,
    confidence: 'firm',
    policy: objectLine(operation, main, undefined),
    steps: [
      ['the object is made', made.exchange],
      [`${other.name} uses it`, attack],
      [`${other.name} uses one that there is not`, control],
    ],
  })
}

/** An object of another identity, or an account of nobody's; for a removal a new one. */
async function foreignFor(
  world: World,
  operation: ProbeOperation,
  other: Identity,
): Promise<MadeObject | undefined> {
  const main = mainSlot(operation)
  if (main === undefined) return undefined
  const fitting = world.made.filter(
    (one) =>
      one.owner !== other &&
      (one.owner === undefined || !world.knows(other, one.id.value)) &&
      fitsSlot(world, one, operation, main),
  )
  const found = fitting.find((one) => !one.gone)
  if (operation.declared.method !== 'DELETE') return found
  const like = fitting[0]
  return like === undefined ? undefined : ((await makeOne(world, like.operation, like.owner)) ?? found)
}
