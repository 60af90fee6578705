import type { ProbeOperation } from '../plan/probe-operation.ts'
import { authLine, objectLine } from '../policy-line.ts'
import { isOpen, reportWeakness } from '../report-weakness.ts'
import { isYes } from '../state/reply-facts.ts'
import type { World } from '../state/world.ts'
import { makeOne } from '../steps-make.ts'
import { mainSlot } from './foreign-object.ts'
import { anyReader, fillsOf, fitsSlot } from './held-object.ts'
import { ownerMember, pairsOf } from './object-reads.ts'

/** API1, API2: objects that another takes away, or nobody at all. */
export async function checkDeletions(world: World, operation: ProbeOperation): Promise<void> {
  const main = mainSlot(operation)
  if (main === undefined) return
  for (const [owner, other] of [
    ...pairsOf(world.identities),
    ...world.identities.map((one) => [one, undefined] as const),
  ]) {
    const rule = other === undefined ? 'auth.missing' : 'bola.delete'
    if (other?.privileged === true || !isOpen(world, rule, operation, '')) continue
    if (other === undefined && !operation.secured) continue
    const maker = world.made.find(
      (one) => one.owner === owner && fitsSlot(world, one, operation, main),
    )?.operation
    const made = maker === undefined ? undefined : await makeOne(world, maker, owner)
    if (made === undefined) continue
    const fills = fillsOf(operation, made)
    const call = world.build(operation, fills)
    const reader = anyReader(world, made)
    const read = reader === undefined ? undefined : world.build(reader, fillsOf(reader, made))
    const before = read === undefined ? undefined : await world.session.call(owner, read)
    if (call === undefined || (before !== undefined && !isYes(before.reply))) continue
    const attack = await world.session.call(other, call)
    const after = read === undefined ? undefined : await world.session.call(owner, read)
    const gone =
      after !== undefined
        ? !isYes(after.reply)
        : isYes(attack.reply) && !isYes((await world.session.call(owner, call)).reply)
    if (!gone) continue
    made.gone = true
    world.journal.undone(made.n)
    reportWeakness(world, {
      rule,
      operation,
      detail: '',
      message:
        other === undefined
          ? 'deletes things without a credential'
          : `${other.name} deletes what is ${owner.name}'s`,
      confidence: after === undefined ? 'firm' : 'certain',
      policy:
        other === undefined
          ? authLine(operation)
          : objectLine(operation, main, before === undefined ? undefined : ownerMember(before)),
      steps: [
        ...(before === undefined ? [] : [[`${owner.name} reads its own`, before] as const]),
        [`${other?.name ?? 'nobody'} deletes it`, attack],
        ...(after === undefined ? [] : [[`${owner.name} reads it again`, after] as const]),
      ],
    })
  }
}
