import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Fields } from '../kernel/fields.ts'
import type { Finding } from '../kernel/finding.ts'
import { Unusable } from '../kernel/finding.ts'
import type { Head, MediaContract, Operation } from '../kernel/operation.ts'
import type { SchemaError } from '../kernel/verdict.ts'
import { type ContractOptions, type LoadedContract, loadContract } from './load-contract.ts'

/** Loads a document from memory, by way of a file in a folder of its own; `more` are files beside it. */
export function contractOf(
  document: unknown,
  more: Readonly<Record<string, string>> = {},
  options: Partial<ContractOptions> = {},
): LoadedContract {
  const folder = mkdtempSync(join(tmpdir(), 'contract-'))
  try {
    const file = join(folder, 'openapi.yaml')
    writeFileSync(file, typeof document === 'string' ? document : JSON.stringify(document))
    for (const [name, text] of Object.entries(more)) writeFileSync(join(folder, name), text)
    return loadContract({ file, api: 'test', ...options })
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** What stops a document from being used. */
export function findingsOf(
  document: unknown,
  more: Readonly<Record<string, string>> = {},
): readonly Finding[] {
  try {
    contractOf(document, more)
    return []
  } catch (error) {
    if (error instanceof Unusable) return error.findings
    throw error
  }
}

export interface Parts {
  readonly openapi?: string
  readonly schemas?: Readonly<Record<string, unknown>>
  readonly parameters?: readonly unknown[]
  readonly body?: unknown
  readonly reply?: unknown
  readonly mediaType?: string
  readonly path?: string
}

/** An operation with these parts, compiled. */
export function operationOf(parts: Parts): Operation {
  const {
    openapi = '3.1.0',
    schemas = {},
    parameters = [],
    body,
    reply,
    mediaType = 'application/json',
    path = '/thing',
  } = parts
  const media = (schema: unknown): unknown => ({ content: { [mediaType]: { schema } } })
  const contract = contractOf({
    openapi,
    info: { title: 't', version: '1' },
    paths: {
      [path]: {
        post: {
          parameters,
          ...(body === undefined ? {} : { requestBody: media(body) }),
          responses: { 200: { description: 'ok', ...(reply === undefined ? {} : (media(reply) as object)) } },
        },
      },
    },
    components: { schemas },
  })
  return contract.operations[0] as Operation
}

/** Errors of a body, as `code pointer`. */
export function bodyErrors(operation: Operation, value: unknown): string[] {
  return shown(mediaOf(operation).validate(value))
}

export function mediaOf(operation: Operation, type = 'application/json'): MediaContract {
  return operation.input.body?.find(type) as MediaContract
}

/** What is removed from a reply, and what is left. */
export function pruned(operation: Operation, value: unknown): { removed: readonly string[]; left: unknown } {
  const reply = operation.output.find(200, 'application/json')
  return { removed: reply?.prune(value) ?? ['no reply'], left: value }
}

/** Errors of a head, as `code pointer`. */
export function headErrors(
  operation: Operation,
  head: { params?: Record<string, string>; query?: string; fields?: string[] },
): string[] {
  const pairs = [...new URLSearchParams(head.query ?? '')].map(([name, value]) => ({ name, value }))
  const full: Head = { params: head.params ?? {}, pairs, fields: new Fields(head.fields ?? []) }
  return shown(operation.input.head(full))
}

export function shown(errors: readonly SchemaError[]): string[] {
  return errors.map((error) => `${error.code} ${error.pointer}`)
}
