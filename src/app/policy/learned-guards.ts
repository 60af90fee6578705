import type { Finding, Place } from '../../kernel/finding.ts'
import type { Mode } from '../../kernel/mode.ts'
import type { Parameter } from '../../kernel/operation.ts'
import type { OperationGuards } from '../../stages/authorize/compile-plan.ts'
import type { LedgerApi } from '../../stages/authorize/ledger/options.ts'
import type { SealingApi } from '../../stages/authorize/sealing/options.ts'

/** What guards each operation, with the types that are learned. */
export function joinGuards(
  guards: ReadonlyMap<number, OperationGuards>,
  learned: ReadonlyMap<number, readonly string[]>,
  apis: readonly LedgerApi[],
  sealed: readonly SealingApi[],
): ReadonlyMap<number, OperationGuards> {
  if (learned.size === 0 && sealed.length === 0) return guards
  const names = sealedNames(sealed)
  const watched = new Set(
    apis.flatMap((api) => api.rules.filter((rule) => rule.mode === 'observe').map((rule) => rule.name)),
  )
  return new Map(
    [...guards].map(([slot, guard]) => {
      const known = learned.get(slot) ?? []
      const closed = names.get(slot) ?? []
      if (known.length + closed.length === 0) return [slot, guard]
      return [
        slot,
        {
          ...guard,
          objects: [
            ...guard.objects,
            ...known.map((name) => `${name} (${watched.has(name) ? 'watched' : 'learned'})`),
            ...closed,
          ],
        },
      ]
    }),
  )
}

/** Sealed types that requests of an operation name, by slot. */
function sealedNames(apis: readonly SealingApi[]): ReadonlyMap<number, readonly string[]> {
  const names = new Map<number, string[]>()
  for (const api of apis)
    for (const [slot, { parameters }] of api.ids.operations)
      for (const { name, type, mode } of api.rules)
        if (parameters.some((one) => one.type === type && one.confidence !== 'guess'))
          names.set(slot, [
            ...(names.get(slot) ?? []),
            `${name} (${mode === 'observe' ? 'watched' : 'sealed'})`,
          ])
  return names
}

interface GuardingApi {
  readonly operations: LedgerApi['operations']
  readonly ids: LedgerApi['ids']
  readonly rules: readonly {
    readonly type: string
    readonly mode: Mode
    readonly operations?: ReadonlySet<number> | undefined
  }[]
}

/** Open doors that remain: a parameter whose ids are learned or sealed has a rule. */
export function withoutLearned(
  findings: readonly Finding[],
  learned: readonly GuardingApi[],
): readonly Finding[] {
  // A parameter of a path item stands at one place for several operations.
  const guarded = new Map<Place, string[]>()
  for (const api of learned)
    for (const operation of api.operations)
      for (const id of api.ids.operations.get(operation.slot)?.parameters ?? []) {
        const rule = api.rules.find((one) => one.type === id.type && one.mode !== 'off')
        if (rule === undefined || id.confidence === 'guess' || rule.operations?.has(operation.slot) === false)
          continue
        for (const parameter of operation.parameters)
          if (parameter.in === id.in && nameOf(parameter) === id.name)
            guarded.set(parameter.place, [
              ...(guarded.get(parameter.place) ?? []),
              `${operation.method} ${operation.template} `,
            ])
      }
  return findings.filter(
    ({ rule, place, message }) =>
      rule !== 'open-door.object-without-rule' ||
      place === undefined ||
      guarded.get(place)?.some((operation) => message.startsWith(operation)) !== true,
  )
}

function nameOf(parameter: Parameter): string {
  return parameter.in === 'header' ? parameter.name.toLowerCase() : parameter.name
}
