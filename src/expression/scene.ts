import type { QueryPair } from '../kernel/facts.ts'
import type { Fields } from '../kernel/fields.ts'
import type { ObjectRef } from '../kernel/grant.ts'
import type { Principal } from '../kernel/principal.ts'

/** What an expression may read of a call's head; every `Identified` is one. Read in place, never copied. */
export interface Call {
  readonly principal: Principal
  readonly params: Readonly<Record<string, string>>
  readonly pairs: readonly QueryPair[]
  readonly fields: Fields
  readonly client: string
  /** Host and port that were asked for, lower-case. */
  readonly authority: string
  readonly method: string
  readonly time: number
}

/** The object in question: `object.id` and, where it is known, `object.owner`. */
export interface ObjectScene {
  readonly id: ObjectRef['id'] | undefined
  readonly owner: string | undefined
}

/** What becomes known later than the head; `undefined` means not known. */
export interface Scene {
  /** Parsed request body. */
  readonly body: unknown
  readonly object: ObjectScene | undefined
  /** Parsed reply body. */
  readonly response: unknown
}

/** The scene of rules that need the head alone. */
export const headScene: Scene = Object.freeze({ body: undefined, object: undefined, response: undefined })
