import { stringify } from 'yaml'
import type { Spot } from './document/at.ts'

/** A value as JSON knows it. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/** One change of the contract's text. */
export type Edit =
  | { readonly kind: 'add'; readonly at: Spot; readonly members: Readonly<Record<string, Json>> }
  | { readonly kind: 'set'; readonly at: Spot; readonly value: Json }

/** What to write against a finding. */
export interface Fix {
  /** The lines, and where they belong. */
  readonly text: string
  /** The same as changes of the text; where they are absent only a person can decide. */
  readonly edits?: readonly Edit[]
  /** True where no call that was right before is refused by it: `--fix` writes it. */
  readonly safe?: boolean
}

/** Members to add to an object of the contract. */
export function addMembers(
  at: Spot,
  members: Readonly<Record<string, Json>>,
  options: { readonly safe?: boolean; readonly also?: readonly Edit[] } = {},
): Fix {
  return {
    text: `add under ${at.pointer || 'the document'}:\n${indented(linesOf(members))}`,
    edits: [{ kind: 'add', at, members }, ...(options.also ?? [])],
    safe: options.safe === true,
  }
}

/** A value to put in the place of another. */
export function setValue(at: Spot, value: Json, options: { readonly safe?: boolean } = {}): Fix {
  return {
    text: `write at ${at.pointer}:\n${indented(linesOf(value))}`,
    edits: [{ kind: 'set', at, value }],
    safe: options.safe === true,
  }
}

/** Lines for `sallyport.yaml`, below the API's name. */
export function policyLines(lines: string): Fix {
  return { text: `in sallyport.yaml, under the API:\n${indented(lines)}` }
}

/** What cannot be written as lines. */
export function advice(text: string): Fix {
  return { text }
}

function linesOf(value: Json): string {
  return stringify(value, { lineWidth: 0, flowCollectionPadding: true }).trimEnd()
}

function indented(text: string): string {
  return text
    .split('\n')
    .map((line) => `    ${line}`)
    .join('\n')
}
