import { type Finding, Unusable } from '../../kernel/finding.ts'
import type { Mode } from '../../kernel/mode.ts'
import type { Operation } from '../../kernel/operation.ts'
import type { Check } from './check.ts'
import { compileFunctionRule } from './function-rule.ts'
import { parseParameterSource } from './id-source.ts'
import { objectWithoutRule } from './object-like.ts'
import { compileObjectRule } from './object-rule.ts'
import type { ApiPolicy, ObjectRule } from './options.ts'
import { compileScopeRule } from './scope-rule.ts'

/** What authorize does for one operation. */
export interface Plan {
  readonly head: readonly Check[]
  readonly input: readonly Check[]
  /** True where a head check names objects. */
  readonly hasObjects: boolean
  /** Set where nothing speaks for the operation: refused, or with `observe` written down. */
  readonly closed: Mode | undefined
}

/** What guards an operation, for coverage. */
export interface OperationGuards {
  readonly scope: 'contract' | 'public' | 'none'
  /** Number of function rules. */
  readonly functions: number
  /** Object types with a rule on the operation. */
  readonly objects: readonly string[]
}

export interface CompiledPolicy {
  readonly plans: ReadonlyMap<number, Plan>
  readonly guards: ReadonlyMap<number, OperationGuards>
  readonly findings: readonly Finding[]
}

/** Operations an object rule is for; throws `Unusable` where it is for none. */
function operationsOf(rule: ObjectRule, api: ApiPolicy): ReadonlySet<number> {
  if (rule.operations !== undefined) return new Set(rule.operations)
  const parameter = parseParameterSource(rule.id)
  const fail = (message: string): Unusable =>
    new Unusable([
      {
        rule: 'config.invalid',
        severity: 'error',
        message: `object "${rule.name}": ${message}`,
        place: rule.place,
      },
    ])
  if (parameter === undefined) throw fail('an "id" that is not a parameter needs "for"')
  const slots = api.operations
    .filter((operation) =>
      operation.parameters.some(
        (declared) =>
          declared.in === parameter.in &&
          (parameter.in === 'header' ? declared.name.toLowerCase() : declared.name) === parameter.name,
      ),
    )
    .map((operation) => operation.slot)
  if (slots.length === 0) throw fail(`no operation has ${rule.id}`)
  return new Set(slots)
}

/** Parameters that the object rules of an operation read, as `in.name`. */
function guardedParameters(operation: Operation, rules: readonly ObjectRule[]): Set<string> {
  const texts = rules.map((rule) => `${rule.id} ${rule.owner ?? ''} ${rule.allow ?? ''}`)
  const guarded = new Set<string>()
  for (const { in: where, name } of operation.parameters) {
    const spellings = [`${where}.${name}`, `${where}['${name}']`, `${where}["${name}"]`]
    const read = texts.some((text) =>
      spellings.some((spelling) => text.split(spelling).some((rest, i) => i > 0 && !/^\w/.test(rest))),
    )
    if (read) guarded.add(`${where}.${name}`)
  }
  return guarded
}

/** Issuers whose callers may reach an operation. */
function issuersOf(operation: Operation, api: ApiPolicy): Set<string> {
  const issuers = new Set<string>()
  for (const use of operation.security.flat()) {
    const scheme = api.schemes.get(use.scheme)
    if (scheme !== undefined && scheme.issuers !== 'public')
      for (const name of scheme.issuers) issuers.add(name)
  }
  return issuers
}

/** Compiles one API's rules for each of its operations; all that is wrong is reported together. */
export function compilePlan(api: ApiPolicy): CompiledPolicy {
  const wrong: Finding[] = []
  const attempt = <T>(compile: () => T): T | undefined => {
    try {
      return compile()
    } catch (thrown) {
      if (!(thrown instanceof Unusable)) throw thrown
      for (const finding of thrown.findings)
        if (!wrong.some((known) => known.message === finding.message)) wrong.push(finding)
      return undefined
    }
  }
  const targets = api.objects.map((rule) => ({ rule, slots: attempt(() => operationsOf(rule, api)) }))
  const plans = new Map<number, Plan>()
  const guards = new Map<number, OperationGuards>()
  const findings: Finding[] = []

  for (const operation of api.operations) {
    const checks: (Check | undefined)[] = []
    const scope = compileScopeRule(operation, api)
    checks.push(scope)
    let functions = 0
    api.functions.forEach((rule, index) => {
      if (!rule.operations.includes(operation.slot)) return
      functions++
      checks.push(
        attempt(() => compileFunctionRule(rule, operation, api.modes.function, `function rule ${index + 1}`)),
      )
    })
    const rules = targets.filter(({ slots }) => slots?.has(operation.slot) === true).map(({ rule }) => rule)
    for (const rule of rules) checks.push(attempt(() => compileObjectRule(rule, operation, api.modes.object)))

    const live = checks.filter((check) => check !== undefined && check.mode !== 'off') as Check[]
    const head = live.filter((check) => check.phase === 'head')
    plans.set(operation.slot, {
      head,
      input: live.filter((check) => check.phase === 'input'),
      hasObjects: head.some((check) => check.name === 'authorize.object'),
      closed: live.length === 0 && api.modes.function !== 'off' ? api.modes.function : undefined,
    })
    guards.set(operation.slot, {
      scope: scope === undefined ? 'none' : scope.label === 'public' ? 'public' : 'contract',
      functions,
      objects: rules.map((rule) => rule.name),
    })
    findings.push(
      ...objectWithoutRule(operation, guardedParameters(operation, rules), {
        open: scope?.label === 'public',
        functions: functions > 0,
      }),
      ...sharedSubjects(operation, rules, api),
    )
  }
  if (wrong.length > 0) throw new Unusable(wrong)
  return { plans, guards, findings }
}

/** A subject is unique within its issuer alone: with two issuers, one’s `123` would own the other’s objects. */
function sharedSubjects(operation: Operation, rules: readonly ObjectRule[], api: ApiPolicy): Finding[] {
  const issuers = issuersOf(operation, api)
  if (issuers.size < 2) return []
  return rules
    .filter((rule) => rule.issuer === undefined && rule.owner !== undefined)
    .map((rule) => ({
      rule: 'open-door.shared-subjects',
      severity: 'warning',
      message: `object "${rule.name}" on ${operation.method} ${operation.template} takes equal subjects of ${[...issuers].join(' and ')} for one owner`,
      place: rule.place,
      fix: `add "issuer: ${[...issuers][0] ?? ''}" to the rule where that is not so`,
    }))
}
