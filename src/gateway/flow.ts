import type { Arrived, Inspected, Progress, Reply } from '../kernel/facts.ts'
import { denialOf } from '../kernel/fault.ts'
import type { Grant } from '../kernel/grant.ts'
import type { Trail } from '../kernel/trail.ts'
import { type Denial, isDenied } from '../kernel/verdict.ts'
import type { Gate } from './gate.ts'
import { refuse } from './refuse.ts'

/**
 * The way of a call through the eight stages. Every exit is a reply with a status: a refusal is a value that a
 * stage returned, an exception is a fault and refuses too. `conclude` runs whatever happened.
 */
export async function flow(gate: Gate, arrived: Arrived): Promise<Reply> {
  const { trail } = arrived
  let reached: Progress = arrived
  let denial: Denial | undefined
  let reply: Reply | undefined
  let leave: ((status: number) => void) | undefined
  const refused = (by: Denial): Reply => {
    denial = by
    noteRefusal(trail, by)
    reply = gate.share(arrived, refuse(by, arrived.id, arrived.channel.secure))
    return reply
  }
  try {
    trail.enter('match')
    const { house } = gate
    const guest = house?.claim(arrived)
    if (house !== undefined && guest !== undefined) {
      if (isDenied(guest)) return refused(guest)
      reached = guest
      trail.enter('forward')
      const served = await house.run(guest)
      if (isDenied(served)) return refused(served)
      reached = served
      reply = served.reply
      return reply
    }
    reply = gate.own(arrived)
    if (reply !== undefined) return reply
    const matched = gate.match(arrived)
    if (isDenied(matched)) return refused(matched)
    reached = matched
    const foreign = gate.origin(matched)
    if (foreign !== undefined) return refused(foreign)

    if (gate.enter !== undefined) {
      const entry = gate.enter(matched)
      const entered = entry instanceof Promise ? await entry : entry
      if (isDenied(entered)) return refused(entered)
      leave = entered
    }

    trail.enter('identify')
    const principal = await gate.identify.run(matched)
    if (isDenied(principal)) return refused(principal)
    const sealed = { ...matched, principal }
    reached = sealed

    trail.enter('authorize')
    const identified = gate.open === undefined ? sealed : gate.open(sealed)
    if (isDenied(identified)) {
      // Who may not call the function at all learns nothing of ids.
      const unfit = await gate.authorize.run(sealed)
      return refused(isDenied(unfit) ? unfit : identified)
    }
    reached = identified
    const decided = gate.authorize.run(identified)
    const grant = decided instanceof Promise ? await decided : decided
    if (isDenied(grant)) return refused(grant)
    const authorized = { ...identified, grant }
    reached = authorized

    trail.enter('limit')
    const admission = await gate.limit.run(authorized)
    if (isDenied(admission)) return refused(admission)
    const admitted = { ...authorized, settle: admission.settle, limitFields: admission.limitFields }
    reached = admitted

    trail.enter('inspect')
    const input = await gate.inspect.run(admitted)
    if (isDenied(input)) return refused(input)
    const inspected = { ...admitted, input }
    reached = inspected

    // Rules over the body speak once the body is judged.
    const confirmed = await confirm(gate, inspected)
    if (isDenied(confirmed)) return refused(confirmed)
    reached = confirmed

    trail.enter('forward')
    const answer = await gate.forward.run(confirmed)
    if (isDenied(answer)) return refused(answer)
    const answered = { ...confirmed, answer }
    reached = answered

    trail.enter('screen')
    const screened = await gate.screen.run(answered)
    if (isDenied(screened)) return refused(screened)
    reply = gate.share(arrived, screened)
    return reply
  } catch (thrown) {
    return refused(denialOf(thrown))
  } finally {
    trail.enter('record')
    if (reply !== undefined) leave?.(reply.status)
    if (reply !== undefined) gate.conclude(reached, reply, denial)
  }
}

/** A check that has not written down its own refusal gets it written down. */
function noteRefusal(trail: Trail, by: Denial): void {
  const last = trail.notes.at(-1)
  if (last !== undefined && last.verdict === 'deny' && !last.observed && last.check === by.check) return
  trail.note(trail.stage, by.check, 'deny', by.code, by.reason)
}

/** Authorize, limit and inspect again, for what needs the body; nothing to do for most operations. */
function confirm(gate: Gate, inspected: Inspected): Inspected | Denial | Promise<Inspected | Denial> {
  const grant = gate.authorize.runInput(inspected)
  if (grant instanceof Promise) return grant.then((settled) => restrict(gate, inspected, settled))
  return restrict(gate, inspected, grant)
}

function restrict(
  gate: Gate,
  inspected: Inspected,
  grant: Grant | Denial,
): Inspected | Denial | Promise<Inspected | Denial> {
  if (isDenied(grant)) return grant
  const granted = grant === inspected.grant ? inspected : { ...inspected, grant }
  const input = grant.write === undefined ? granted.input : gate.inspect.runGrant(granted)
  if (isDenied(input)) return input
  const restricted = input === granted.input ? granted : { ...granted, input }
  const admission = gate.limit.runInput(restricted)
  if (admission instanceof Promise) return admission.then((settled) => admit(restricted, settled))
  return admit(restricted, admission)
}

function admit(
  inspected: Inspected,
  admission: Pick<Inspected, 'settle' | 'limitFields'> | Denial,
): Inspected | Denial {
  if (isDenied(admission)) return admission
  if (admission.settle === inspected.settle && admission.limitFields === inspected.limitFields)
    return inspected
  return { ...inspected, settle: admission.settle, limitFields: admission.limitFields }
}
