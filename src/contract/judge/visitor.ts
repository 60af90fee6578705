import type { PropertyView } from '../../kernel/property-view.ts'

export type JsonRecord = Record<string, unknown>

/** What a walk does with a property that may not be there. */
export interface Visitor {
  /** Returns true to go on. `foreign`: declared, but for the other direction. */
  found(
    object: JsonRecord,
    exact: JsonRecord,
    key: string,
    foreign: boolean,
    path: readonly (string | number)[],
  ): boolean
  /** True where what never leaves is found, too. */
  readonly conceals?: boolean
  /** True where nothing but what never leaves is of interest. */
  readonly only?: boolean
  /** Decides on guarded properties; undefined where none are asked about. */
  readonly view: PropertyView | undefined
}
