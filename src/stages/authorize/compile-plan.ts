import { type Finding, Unusable } from '../../kernel/finding.ts'
import type { Mode } from '../../kernel/mode.ts'
import type { Operation } from '../../kernel/operation.ts'
import type { Check } from './check.ts'
import { type CompiledObject, compileObject, type ObjectTarget, targetOf } from './compile-object.ts'
import { compileFunctionRule } from './function-rule.ts'
import { parseParameterSource } from './id-source.ts'
import { objectWithoutRule } from './object-like.ts'
import { operationsOf } from './object-operations.ts'
import type { DeclaredRule } from './object-rule.ts'
import type { ApiPolicy, ObjectRule, PropertyRule } from './options.ts'
import { compileOwnership, objectCheck } from './ownership.ts'
import { type CompiledProperty, compilePropertyRule } from './property-rule.ts'
import type { ReadFirstRule } from './read-first.ts'
import type { ReplyRule } from './reply-rule.ts'
import { compileScopeRule } from './scope-rule.ts'

/** What authorize does for one operation. */
export interface Plan {
  readonly head: readonly Check[]
  readonly input: readonly Check[]
  /** True where a head check names objects. */
  readonly hasObjects: boolean
  /** Object rules that only the reply decides. */
  readonly replies: readonly { readonly rule: ReplyRule; readonly head: ReadFirstRule | undefined }[]
  /** Object rules whose objects are read before the call is forwarded. */
  readonly reads: readonly ReadFirstRule[]
  /** Numbers of the property rules that guard replies, and bodies. */
  readonly readGuards: readonly number[]
  readonly writeGuards: readonly number[]
  /** All property rules of the API, by guard. */
  readonly properties: readonly CompiledProperty[]
  /** Of each guard the rule that tells the owner of the object that the call names. */
  readonly owners: ReadonlyMap<number, DeclaredRule>
  /** Set where nothing speaks for the operation: refused, or with `observe` written down. */
  readonly closed: Mode | undefined
}

/** What guards an operation, for coverage. */
export interface OperationGuards {
  readonly scope: 'contract' | 'public' | 'none'
  /** Number of function rules. */
  readonly functions: number
  /** Object types with a rule on the operation, with how it is proven where the request does not tell. */
  readonly objects: readonly string[]
  /** Property rules that guard replies, and bodies. */
  readonly reads: readonly string[]
  readonly writes: readonly string[]
}

export interface CompiledPolicy {
  readonly plans: ReadonlyMap<number, Plan>
  readonly guards: ReadonlyMap<number, OperationGuards>
  readonly findings: readonly Finding[]
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
  const targets = api.objects.flatMap((rule) => attempt(() => targetOf(rule, api)) ?? [])
  const properties = api.properties.flatMap(
    (rule) => attempt(() => compileProperty(rule, targets, api)) ?? [],
  )
  const elsewhere = (api.elsewhere ?? []).flatMap(
    (rule) => attempt(() => ({ rule, slots: operationsOf(rule, api) })) ?? [],
  )
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
    const objects = targets
      .filter(({ slots }) => slots.has(operation.slot))
      .flatMap((target) => attempt(() => compileObject(target, operation, api)) ?? [])
    for (const one of objects) if (one.by === 'request') checks.push(one.check)

    const live = checks.filter((check) => check !== undefined && check.mode !== 'off') as Check[]
    const head = live.filter((check) => check.phase === 'head')
    const replies = objects.flatMap((one): Plan['replies'] => {
      if (one.by === 'request' || one.rule.mode === 'off') return []
      if (one.by === 'reply') return [one]
      return one.reply === undefined ? [] : [{ rule: one.reply, head: undefined }]
    })
    // Looking at what a write shows does not allow it.
    const speaking = replies.filter(({ rule }) => rule.written === undefined).length
    const reads = objects.flatMap((one) => (one.by === 'read' && one.rule.mode !== 'off' ? [one.rule] : []))
    const guarding = (key: 'read' | 'write'): number[] =>
      properties.flatMap((rule, guard) =>
        rule[key] !== undefined && rule.mode !== 'off' && rule.operations.has(operation.slot) ? [guard] : [],
      )
    const readGuards = guarding('read')
    const writeGuards = operation.input.body === undefined ? [] : guarding('write')
    const declared = objects.flatMap((one) => (one.by === 'request' ? [one.check] : []))
    plans.set(operation.slot, {
      head,
      input: live.filter((check) => check.phase === 'input'),
      hasObjects: head.some((check) => check.name === objectCheck),
      replies,
      reads,
      readGuards,
      writeGuards,
      properties,
      owners: ownersOf(properties, declared),
      closed:
        live.length + speaking + reads.length === 0 && api.modes.function !== 'off'
          ? api.modes.function
          : undefined,
    })
    guards.set(operation.slot, {
      scope: scope === undefined ? 'none' : scope.label === 'public' ? 'public' : 'contract',
      functions,
      objects: objects.map(labelOf),
      reads: readGuards.map((guard) => properties[guard]?.name ?? ''),
      writes: writeGuards.map((guard) => properties[guard]?.name ?? ''),
    })
    const rules = objects.map((one) => (one.by === 'request' ? one.check.rule : one.rule.rule))
    const others = elsewhere.flatMap(({ rule, slots }) => (slots.has(operation.slot) ? [rule] : []))
    findings.push(
      ...objectWithoutRule(operation, guardedParameters(operation, [...rules, ...others]), {
        open: scope?.label === 'public',
        functions: functions > 0,
      }),
      ...sharedSubjects(operation, rules, api),
    )
  }
  findings.push(...targets.flatMap((target) => elsewhereUnjudged(target, api)))
  if (wrong.length > 0) throw new Unusable(wrong)
  return { plans, guards, findings }
}

/** A header or cookie goes to the upstream in every operation, whether a rule looks at it there or not. */
function elsewhereUnjudged({ rule, slots }: ObjectTarget, api: ApiPolicy): Finding[] {
  const parameter = parseParameterSource(rule.id)
  if (parameter?.in !== 'header' && parameter?.in !== 'cookie') return []
  const others = api.operations.filter(({ slot }) => !slots.has(slot)).length
  if (others === 0) return []
  return [
    {
      rule: 'open-door.id-elsewhere',
      severity: 'note',
      message: `object "${rule.name}" is told by ${parameter.in} ${parameter.name}, which ${others} other operation(s) pass on unjudged`,
      place: rule.place,
      fix: 'name them in "for" where the upstream reads it there',
    },
  ]
}

/** The object rule of a property's schema, where an object itself tells its owner. */
function compileProperty(
  rule: PropertyRule,
  targets: readonly ObjectTarget[],
  api: ApiPolicy,
): CompiledProperty {
  const target = targets.find(({ sought }) => sought.schema === rule.schema && sought.paths.length > 0)
  const operation = api.operations.find(({ slot }) => target?.slots.has(slot) === true)
  const owner =
    target === undefined || operation === undefined ? undefined : compileOwnership(target.rule, operation)
  return compilePropertyRule(rule, api.modes.property, owner?.phase === 'reply' ? owner : undefined)
}

/** Who owns the object that a call names: told by the rule of the property's schema, else by the only rule there is. */
function ownersOf(
  properties: readonly CompiledProperty[],
  declared: readonly DeclaredRule[],
): ReadonlyMap<number, DeclaredRule> {
  const owners = new Map<number, DeclaredRule>()
  for (const [guard, { schema }] of properties.entries()) {
    const rule =
      declared.find((one) => one.rule.schema === schema) ??
      (declared.length === 1 && declared[0]?.rule.schema === undefined ? declared[0] : undefined)
    if (rule !== undefined) owners.set(guard, rule)
  }
  return owners
}

function labelOf(one: CompiledObject): string {
  if (one.by === 'request') return one.check.rule.name
  const { rule } = one.rule
  if (one.by === 'read')
    return `${rule.name} (${one.derived ? 'derived: ' : ''}reads ${one.rule.read.method} ${one.rule.read.template} first)`
  if (one.rule.written !== undefined) return `${rule.name} (foreign ones do not leave in the reply)`
  if (one.rule.source !== undefined) return `${rule.name} (proven by the reply)`
  return `${rule.name} (list ${rule.list === 'refuse' ? 'refused' : 'filtered'} by the reply)`
}

/** A subject is unique within its issuer alone: with two issuers, one’s `123` would own the other’s objects. */
function sharedSubjects(operation: Operation, rules: readonly ObjectRule[], api: ApiPolicy): Finding[] {
  const issuers = issuersOf(operation, api)
  if (issuers.size < 2) return []
  return rules
    .filter((rule) => rule.issuers === undefined && rule.owner !== undefined)
    .map((rule) => ({
      rule: 'open-door.shared-subjects',
      severity: 'warning',
      message: `object "${rule.name}" on ${operation.method} ${operation.template} takes equal subjects of ${[...issuers].join(' and ')} for one owner`,
      place: rule.place,
      fix: `add "issuer: ${[...issuers][0] ?? ''}" to the rule where that is not so, "issuer: [${[...issuers].join(', ')}]" where it is`,
    }))
}
