import type { Clock } from '../../kernel/clock.ts'
import type { Principal } from '../../kernel/principal.ts'
import type { Denial } from '../../kernel/verdict.ts'
import { stepUpRequired } from './denials.ts'

/** How, and how recently, callers of some operations must have authenticated. */
export interface StepUpRule {
  /** Slots. */
  readonly operations: readonly number[]
  /** Seconds since `auth_time`, at most. */
  readonly maxAge?: number
  /** `acr` must be one of these. */
  readonly acr?: readonly string[]
  /** `amr` must hold all of these. */
  readonly amr?: readonly string[]
}

/** A refusal with the parameters of its challenge. */
export interface StepUp {
  readonly denial: Denial
  /** `acr_values`, `max_age` (RFC 9470 §3). */
  readonly parameters: string
}

/** Judges one operation's rules; undefined where all hold. */
export type JudgeStepUp = (principal: Principal) => StepUp | undefined

/** Clocks of issuer and gateway may differ by this much, in seconds. */
const tolerance = 30

/** acr values and methods that may be told in a challenge: printable ASCII without quote, backslash, space. */
const word = /^[\x21\x23-\x5b\x5d-\x7e]+$/

/**
 * Compiles the rules of one operation (RFC 9470). What a credential does not state counts as missing: a key or a
 * certificate never satisfies a rule.
 */
export function compileStepUp(rules: readonly StepUpRule[], clock: Clock): JudgeStepUp | undefined {
  if (rules.length === 0) return undefined
  const compiled = rules.map((rule) => ({ ...rule, parameters: parametersOf(rule) }))
  return (principal) => {
    for (const rule of compiled) {
      const flaw = flawOf(rule, principal, clock.now() / 1000)
      if (flaw !== undefined) return { denial: stepUpRequired(flaw), parameters: rule.parameters }
    }
    return undefined
  }
}

function flawOf(rule: StepUpRule, principal: Principal, now: number): string | undefined {
  const { claims, amr } = principal
  if (rule.maxAge !== undefined) {
    const at = claims['auth_time']
    if (typeof at !== 'number' || at > now + tolerance) return 'no auth_time'
    if (now - at > rule.maxAge) return 'auth_time is too old'
  }
  if (rule.acr !== undefined) {
    const acr = claims['acr']
    if (typeof acr !== 'string' || !rule.acr.includes(acr)) return 'acr is not one of those asked for'
  }
  if (rule.amr?.some((method) => !amr.includes(method)) === true) return 'amr lacks a method'
  return undefined
}

function parametersOf({ acr, maxAge, amr }: StepUpRule): string {
  const parameters: string[] = []
  const values = acr?.filter((value) => word.test(value)) ?? []
  if (values.length > 0) parameters.push(`acr_values="${values.join(' ')}"`)
  if (maxAge !== undefined) parameters.push(`max_age="${Math.floor(maxAge)}"`)
  const methods = amr?.filter((value) => word.test(value)) ?? []
  // There is no parameter for methods: a person may read what is missing.
  if (methods.length > 0) parameters.push(`error_description="needs ${methods.join(' ')}"`)
  return parameters.join(', ')
}
