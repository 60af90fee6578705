import type { Source } from '../../contract/document/read-source.ts'
import { type JsonObject, pointerToken } from '../../contract/schema.ts'

/** A place in one of the contract's files. */
export interface Spot {
  readonly source: Source
  /** JSON pointer into the file, as its author wrote it. */
  readonly pointer: string
}

/** An object of the contract and where it stands; references followed. */
export interface At extends Spot {
  readonly node: JsonObject
}

/** The place of a member: `below(operation, 'parameters', 0)`. */
export function below(spot: Spot, ...tokens: readonly (string | number)[]): Spot {
  return {
    source: spot.source,
    pointer: spot.pointer + tokens.map((one) => `/${pointerToken(one)}`).join(''),
  }
}
