import type { Finding, Place } from '../kernel/finding.ts'
import type { Parameter } from '../kernel/operation.ts'
import type { OperationGuards } from '../stages/authorize/compile-plan.ts'
import type { LedgerApi } from '../stages/authorize/ledger/options.ts'

/** What guards each operation, with the types that are learned. */
export function joinGuards(
  guards: ReadonlyMap<number, OperationGuards>,
  learned: ReadonlyMap<number, readonly string[]>,
  apis: readonly LedgerApi[],
): ReadonlyMap<number, OperationGuards> {
  if (learned.size === 0) return guards
  const watched = new Set(
    apis.flatMap((api) => api.rules.filter((rule) => rule.mode === 'observe').map((rule) => rule.name)),
  )
  return new Map(
    [...guards].map(([slot, guard]) => {
      const names = learned.get(slot)
      if (names === undefined) return [slot, guard]
      return [
        slot,
        {
          ...guard,
          objects: [
            ...guard.objects,
            ...names.map((name) => `${name} (${watched.has(name) ? 'watched' : 'learned'})`),
          ],
        },
      ]
    }),
  )
}

/** Open doors that remain: a parameter whose ids are learned has a rule. */
export function withoutLearned(
  findings: readonly Finding[],
  learned: readonly LedgerApi[],
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
