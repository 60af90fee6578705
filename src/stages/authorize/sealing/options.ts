import type { ObjectIds } from '../../../contract/objects/id-map.ts'
import type { IdSealer } from '../../../crypto/id-sealer.ts'
import type { Place } from '../../../kernel/finding.ts'
import type { Operation } from '../../../kernel/operation.ts'

/** `seal:` of an object type. */
export interface SealedRule {
  /** Object type, the key under `objects:`. */
  readonly name: string
  /** The contract's type whose places are meant. */
  readonly type: string
  /** `observe`: an id that does not open is taken as it is, and noted; for the time in which callers still hold plain ids. */
  readonly mode: 'enforce' | 'observe'
  /** Condition over the head of a call that lets callers in with plain ids. */
  readonly allow: string | undefined
  readonly hidden: 403 | 404
  readonly place: Place
}

export interface SealingApi {
  readonly name: string
  /** `/v1`, or empty. */
  readonly basePath: string
  readonly operations: readonly Operation[]
  readonly ids: ObjectIds
  readonly rules: readonly SealedRule[]
  /** The operation and path parameters that a URL of this API names, whatever its method; undefined where none. */
  resolve(
    url: string,
  ): { readonly slot: number; readonly params: Readonly<Record<string, string>> } | undefined
}

export interface SealingOptions {
  readonly apis: readonly SealingApi[]
  readonly sealer: IdSealer
}
