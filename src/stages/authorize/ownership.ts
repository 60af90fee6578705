import { compileExpression } from '../../expression/compile-expression.ts'
import { type Expression, type ExpressionPhase, phaseOf } from '../../expression/expression.ts'
import { type Failure, isFailure } from '../../expression/failure.ts'
import type { Scene } from '../../expression/scene.ts'
import type { Identified } from '../../kernel/facts.ts'
import { type Place, Unusable } from '../../kernel/finding.ts'
import type { Operation } from '../../kernel/operation.ts'
import { type Denial, deny } from '../../kernel/verdict.ts'
import { operationVariables } from './operation-variables.ts'
import type { ObjectRule } from './options.ts'

export const objectCheck = 'authorize.object'

/** Who may touch an object of one rule, compiled for one operation. */
export interface Ownership {
  /** When it can be decided at the earliest. */
  readonly phase: ExpressionPhase
  /** True where something beside the owner is read of the reply, so that a remembered owner does not suffice. */
  readonly readsMore: boolean
  /** The refusal of a foreign object, and of one that is not there. */
  readonly refusal: Denial
  /** True where `allow` lets the caller in without a look at the object. */
  isExempt(call: Identified, scene: Scene): boolean
  ownerOf(call: Identified, scene: Scene, id: string | undefined): string | Failure | undefined
  /** Undefined where the caller may touch the object of this owner. */
  judge(
    call: Identified,
    scene: Scene,
    id: string | undefined,
    owner: string | Failure | undefined,
  ): Denial | undefined
  /** The refusal where the object could not be told. */
  failed(failure: Failure): Denial
}

/** The code of a rule's refusals. */
export function refusalCode(rule: ObjectRule): 'AUTHORIZE_OBJECT' | 'AUTHORIZE_NOT_FOUND' {
  return rule.hidden === 404 ? 'AUTHORIZE_NOT_FOUND' : 'AUTHORIZE_OBJECT'
}

/** A complaint about an object rule. */
export function unusableRule(rule: ObjectRule, place: Place, message: string, fix?: string): Unusable {
  return new Unusable([
    {
      rule: 'config.invalid',
      severity: 'error',
      message: `object "${rule.name}": ${message}`,
      place,
      ...(fix !== undefined && { fix }),
    },
  ])
}

/** Compiles `owner`, `allow`, `subject` and `issuers`. Throws `Unusable`. */
export function compileOwnership(rule: ObjectRule, operation: Operation): Ownership {
  if (rule.owner === undefined && rule.allow === undefined)
    throw unusableRule(rule, rule.place, 'needs "owner" or "allow"')
  const compile = (key: 'owner' | 'allow' | 'subject', source: string): Expression =>
    compileExpression(source, {
      place: rule.at?.[key] ?? rule.place,
      variables: { ...operationVariables(operation, key === 'allow'), response: 'any' },
      expects: key === 'allow' ? 'bool' : 'string',
    })
  const ownerIsId = rule.owner?.trim() === rule.id.trim()
  const owner = rule.owner === undefined || ownerIsId ? undefined : compile('owner', rule.owner)
  const exception = rule.allow === undefined ? undefined : compile('allow', rule.allow)
  const subject = rule.subject === undefined ? undefined : compile('subject', rule.subject)
  const phases = [owner, exception, subject].flatMap((part) => (part === undefined ? [] : [phaseOf(part)]))
  const exempting =
    exception === undefined || exception.uses.has('response') || exception.uses.has('object')
      ? undefined
      : exception
  const code = refusalCode(rule)
  const refusal: Denial = deny(code, objectCheck, `the caller does not own the ${rule.name}`)
  const failed = (failure: Failure): Denial =>
    deny(code, objectCheck, `the ${rule.name} could not be told: ${failure.reason}`)

  const isOwner = (call: Identified, scene: Scene, whose: string | Failure | undefined): boolean => {
    if (typeof whose !== 'string') return false
    if (rule.issuers !== undefined && !rule.issuers.includes(call.principal.issuer)) return false
    // An anonymous caller has an empty subject and owns nothing.
    const who = subject === undefined ? call.principal.sub : subject.text(call, scene)
    return who !== '' && who === whose
  }

  return {
    phase: phases.includes('reply') ? 'reply' : phases.includes('input') ? 'input' : 'head',
    readsMore: exception?.uses.has('response') === true || subject?.uses.has('response') === true,
    refusal,
    isExempt: (call, scene) => exempting?.holds(call, scene) === true,
    ownerOf: (call, scene, id) => (ownerIsId ? id : owner?.text(call, scene)),
    judge: (call, scene, id, whose) => {
      if (isOwner(call, scene, whose)) return undefined
      if (exception !== undefined) {
        const object = { id, owner: isFailure(whose) ? undefined : whose }
        if (exception.holds(call, { body: scene.body, object, response: scene.response })) return undefined
      }
      return isFailure(whose) ? failed(whose) : refusal
    },
    failed,
  }
}
