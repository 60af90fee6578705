import type { Operation } from '../../../kernel/operation.ts'

/** How one argument of a tool becomes a part of the request. */
export interface ToolArgument {
  readonly argument: string
  readonly in: 'path' | 'query' | 'header'
  readonly name: string
  readonly required: boolean
  /** As OpenAPI says. */
  readonly style: string
  readonly explode: boolean
  /** The value is written as JSON. */
  readonly json: boolean
}

/** The operation behind a tool. */
export interface ToolTarget {
  readonly operation: Operation
  readonly arguments: readonly ToolArgument[]
  readonly body:
    | { readonly argument: string; readonly required: boolean; readonly mediaType: string }
    | undefined
  /** The whole path, base path included, with the values of its parameters encoded into it. */
  path(values: ReadonlyMap<string, string>): string
}

/** An operation that agents may call. */
export interface RestTool extends ToolTarget {
  /** Name of the tool. */
  readonly name: string
  /** The tool as `tools/list` shows it: what is pinned. */
  readonly definition: Readonly<Record<string, unknown>>
  /** Scopes that a caller needs besides those of the operation. */
  readonly approval: readonly string[]
}
