/** What was taken of one call for the inventory: names at once, values until they are looked at, soon after. */
export interface Looked {
  /** Query parameters that the operation does not declare (of an undeclared one: all), with their values. */
  readonly parameters: readonly { readonly name: string; readonly value: string }[]
  /** How the caller showed who it is, as the head says. For calls that no operation is declared for. */
  readonly presented: string | undefined
  /** Media type of the request's body. */
  readonly mediaType: string | undefined
  /** Parsed body of the request, and the bytes of a JSON reply; of a share of the calls. */
  readonly request: unknown
  readonly reply: Uint8Array | undefined
  readonly replyType: string | undefined
}
