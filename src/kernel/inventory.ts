/** What kind of text or JSON value was seen; never the value. */
export type SeenType =
  | 'unknown'
  | 'null'
  | 'boolean'
  | 'integer'
  | 'number'
  | 'string'
  | 'uuid'
  | 'date'
  | 'date-time'
  | 'array'
  | 'object'

/** How often something with a name was seen, and as what. */
export interface SeenName {
  readonly name: string
  readonly calls: number
  /** The last type; `string` where several were seen. */
  readonly type: SeenType
}

/** Where a class of sensitive data was seen: `request /traveller/email`. */
export interface SeenData {
  readonly class: string
  readonly in: 'request' | 'reply' | 'query'
  /** JSON pointer, elements of lists as `*`; the name of a query parameter. */
  readonly pointer: string
  readonly calls: number
}

/** Everything that was seen of one operation, or of an undeclared one: names, types and counts. */
export interface Sighting {
  readonly kind: 'operation' | 'shadow'
  readonly api: string
  /** Operation id; `METHOD /template` of an undeclared one. */
  readonly name: string
  readonly calls: number
  readonly refused: number
  /** Milliseconds since the epoch. */
  readonly first: number
  readonly last: number
  /** Sketch of distinct callers, base64. */
  readonly callers: string
  readonly statuses: readonly (readonly [string, number])[]
  /** Kind of credential → calls. */
  readonly authentication: readonly (readonly [string, number])[]
  /** Media types of request bodies → calls. */
  readonly mediaTypes: readonly (readonly [string, number])[]
  /** Query parameters: undeclared ones of an operation, all of an undeclared operation. */
  readonly parameters: readonly SeenName[]
  /** Undeclared properties: `request /a/b`, `reply /items/*\/c`. */
  readonly properties: readonly SeenName[]
  readonly data: readonly SeenData[]
}

/** The durable side of the inventory. */
export interface InventoryStore {
  load(): Promise<readonly Sighting[]>
  /**
   * Adds what was seen since the last time to what is kept, whoever else does the same; returns what is kept then. `merge`
   * makes one of two.
   */
  add(
    sightings: readonly Sighting[],
    merge: (kept: Sighting, seen: Sighting) => Sighting,
  ): Promise<readonly Sighting[]>
  forget(sightings: readonly Pick<Sighting, 'kind' | 'api' | 'name'>[]): Promise<void>
}
