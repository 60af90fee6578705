/** An object that a call touches. */
export interface ObjectRef {
  /** Object type as named under `objects:`. */
  readonly type: string
  /** The id in the form the upstream will read. */
  readonly id: string
}
