import type { IdSealer, PlainId, ScopedSealer } from '../../../crypto/id-sealer.ts'
import { headScene } from '../../../expression/scene.ts'
import type { Identified } from '../../../kernel/facts.ts'
import type { Denial } from '../../../kernel/verdict.ts'
import { type SealedPlan, type SealingPlan, sealedCheck } from './compile-sealing.ts'

export type Opened = PlainId | Denial

/** Opens one id for a caller, or says that it is not theirs. `isNew`: it may be one that its maker chose. */
export type Opener = (plan: SealedPlan, value: unknown, isNew: boolean) => Opened

export function isRefusal(opened: unknown): opened is Denial {
  return typeof opened === 'object' && opened !== null && 'verdict' in opened
}

/** The sealer of each type for one caller. */
export function scopesFor(
  sealer: IdSealer,
  plan: SealingPlan,
  call: Identified,
): (type: SealedPlan) => ScopedSealer {
  const { issuer, sub } = call.principal
  return ({ rule }) => sealer.scope({ api: plan.api.name, type: rule.name, issuer, sub })
}

export function openerFor(sealer: IdSealer, plan: SealingPlan, call: Identified): Opener {
  const scopeOf = scopesFor(sealer, plan, call)
  return (type, value, isNew) => {
    const opened = typeof value === 'string' ? scopeOf(type).open(value) : undefined
    if (opened !== undefined) return opened
    if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'bigint')
      return type.refusal
    // An id that its maker chooses was never sealed; one's own subject is no secret.
    if (isNew || (type.self && call.principal.sub !== '' && String(value) === call.principal.sub))
      return value
    const object = { id: String(value), owner: undefined }
    if (type.exception?.holds(call, { ...headScene, object }) === true) return value
    const { code, reason } = type.refusal
    if (type.rule.mode === 'enforce') return type.refusal
    call.trail.note('authorize', sealedCheck, 'deny', code, reason, true)
    return value
  }
}
