import type { Place } from '../../kernel/finding.ts'
import type { CoverageColumn } from './coverage-table.ts'
import type { Policy, PolicyApi } from './policy.ts'

/** Where the rules of one operation are written, by the column they fill. */
export type RulePlaces = Readonly<Partial<Record<CoverageColumn, readonly Place[]>>>

interface Written {
  readonly column: CoverageColumn
  readonly pointer: string
  /** Operations by slot; undefined: told by name. */
  readonly slots?: ReadonlySet<number>
  readonly name?: string
}

/** The places of all rules that an operation's cells name. `names` are the objects and properties guarded there. */
export function rulePlacesOf(
  policy: Pick<Policy, 'loaded' | 'select'>,
  api: PolicyApi,
): (slot: number, names: ReadonlySet<string>) => RulePlaces {
  const { config } = api
  const slotsOf = (selectors: readonly string[], pointer: string): ReadonlySet<number> =>
    new Set(policy.select(api, selectors, `${pointer}/for`).map(({ slot }) => slot))
  const rules: readonly Written[] = [
    ...config.functions.map(({ for: selectors, pointer }) => ({
      column: 'function' as const,
      pointer,
      slots: slotsOf(selectors, pointer),
    })),
    ...config.limits.map(({ for: selectors, pointer }) => ({
      column: 'limit' as const,
      pointer,
      slots: slotsOf(selectors, pointer),
    })),
    ...config.flows.map(({ steps, pointer }) => ({
      column: 'flow' as const,
      pointer,
      slots: new Set(
        steps.flatMap((selectors, n) =>
          policy.select(api, selectors, `${pointer}/steps/${n}`).map(({ slot }) => slot),
        ),
      ),
    })),
    ...config.content.map(({ for: selectors, pointer }) => ({
      column: 'content' as const,
      pointer,
      slots: slotsOf(selectors, pointer),
    })),
    ...config.objects.map(({ name, pointer }) => ({ column: 'object' as const, pointer, name })),
    ...config.properties.flatMap(({ name, read, write, pointer }) => [
      ...(read === undefined ? [] : [{ column: 'property-read' as const, pointer, name }]),
      ...(write === undefined ? [] : [{ column: 'property-write' as const, pointer, name }]),
    ]),
  ]
  return (slot, names) => {
    const places: Partial<Record<CoverageColumn, Place[]>> = {}
    for (const { column, pointer, slots, name } of rules) {
      if (slots === undefined ? name === undefined || !names.has(name) : !slots.has(slot)) continue
      const all = places[column] ?? []
      places[column] = all
      all.push(policy.loaded.place(pointer))
    }
    return places
  }
}
