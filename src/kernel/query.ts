/** One decoded query parameter, in order of appearance. */
export interface QueryPair {
  readonly name: string
  readonly value: string
}
