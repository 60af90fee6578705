import type { ParseArgsConfig } from 'node:util'
import type { Terminal } from './terminal.ts'

/** Options as node:util `parseArgs` takes them. */
export type Options = NonNullable<ParseArgsConfig['options']>

/** Values as `parseArgs` gives them, by long name. */
export type Values = Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>

/** What a command is given. */
export interface Call {
  readonly values: Values
  readonly positionals: readonly string[]
  readonly terminal: Terminal
}

export interface Command {
  readonly name: string
  /** One line for the list of commands. */
  readonly summary: string
  /** What `--help` prints, without options that every command has. */
  readonly help: string
  readonly options: Options
  /** Exit code: 0 fine, 1 findings, 2 cannot. */
  run(call: Call): Promise<number>
}

/** The value of an option that is a text. */
export function textOf(values: Values, name: string): string | undefined {
  const value = values[name]
  return typeof value === 'string' ? value : undefined
}

/** The values of an option that may be repeated. */
export function textsOf(values: Values, name: string): readonly string[] {
  const value = values[name]
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []
}
