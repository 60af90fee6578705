import { pathOf } from '../plan/build-call.ts'
import type { ProbeOperation } from '../plan/probe-operation.ts'
import { contractLine } from '../policy-line.ts'
import { isOpen, reportWeakness } from '../report-weakness.ts'
import type { Exchange } from '../session.ts'
import { isYes } from '../state/reply-facts.ts'
import type { MadeObject, World } from '../state/world.ts'
import { makeOne } from '../steps-make.ts'
import { mainSlot, withoutObject } from './foreign-object.ts'
import { fillsOf, fitsSlot } from './held-object.ts'

/** API9: a removal that the contract does not declare, by its owner, of an object that the probe makes for it. */
export async function checkUndeclaredWrites(world: World): Promise<void> {
  for (const reader of world.operations) {
    const main = mainSlot(reader)
    if (reader.declared.method !== 'GET' || reader.staff || main?.place.startsWith('path.') !== true) continue
    if (world.at('DELETE', reader.declared.template) !== undefined) continue
    if (!reader.declared.template.endsWith(`{${main.name}}`)) continue
    const like = world.made.find(
      (one) => !one.gone && one.owner !== undefined && fitsSlot(world, one, reader, main),
    )
    if (like === undefined || !isOpen(world, 'method.undeclared', reader, 'DELETE')) continue
    const made = await makeOne(world, like.operation, like.owner)
    if (made !== undefined) await remove(world, reader, made)
  }
}

async function remove(world: World, reader: ProbeOperation, made: MadeObject): Promise<void> {
  const fills = fillsOf(reader, made)
  const call = world.build(reader, fills)
  const none = call === undefined ? undefined : withoutObject(world, { operation: reader, fills, call })
  if (call === undefined || none === undefined) return
  const { owner } = made
  const { prefix } = world.session
  const send = (path: string): Promise<Exchange> =>
    world.session.raw(owner, { method: 'DELETE', path }, reader.declared)
  const before = await world.session.call(owner, call)
  const control = isYes(before.reply) ? await send(pathOf(none, prefix)) : undefined
  if (control === undefined || isYes(control.reply)) return
  const removal = await send(pathOf(call, prefix))
  const after = await world.session.call(owner, call)
  if (!isYes(removal.reply) || isYes(after.reply)) return
  made.gone = true
  world.journal.undone(made.n)
  reportWeakness(world, {
    rule: 'method.undeclared',
    operation: reader,
    detail: 'DELETE',
    message: 'DELETE removes what is there, which the contract does not declare',
    confidence: 'certain',
    policy: contractLine('methods that are not declared are refused: nothing to write'),
    steps: [
      ['the object is read', before],
      ['DELETE of one that there is not', control],
      ['DELETE of the object', removal],
      ['the object is read again', after],
    ],
  })
}
