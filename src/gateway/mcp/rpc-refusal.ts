import type { Reply } from '../../kernel/facts.ts'
import { servedRevisions } from './mcp-head.ts'
import { valueOfField } from './reply-field.ts'

interface ProblemBody {
  readonly title: string
  readonly code: string
  readonly errors?: readonly { readonly code: string }[]
}

/** A refusal as JSON-RPC: the problem stands under `data`. Other replies stay as they are. */
export function rpcRefusal(reply: Reply): Reply {
  if (
    !(reply.body instanceof Uint8Array) ||
    valueOfField(reply, 'content-type') !== 'application/problem+json'
  )
    return reply
  const problem = JSON.parse(Buffer.from(reply.body).toString('utf8')) as ProblemBody
  const code = rpcCodeOf(reply.status, problem)
  const data = code === unsupportedVersion ? { ...problem, supported: servedRevisions } : problem
  const fields = reply.fields.flatMap((value, i) =>
    i % 2 === 1 ? [] : value.toLowerCase() === 'content-type' ? [] : [value, reply.fields[i + 1] ?? ''],
  )
  return {
    ...reply,
    fields: [...fields, 'Content-Type', 'application/json'],
    body: Buffer.from(
      JSON.stringify({ jsonrpc: '2.0', id: null, error: { code, message: problem.title, data } }),
    ),
  }
}

const headerMismatch = -32020
const unsupportedVersion = -32022

/**
 * The specification's own codes where it has one; else one of those that are left to implementations (−32000 to −32019:
 * what is below belongs to the specification since 2026-07-28).
 */
function rpcCodeOf(status: number, { code, errors }: ProblemBody): number {
  if (code === 'INSPECT_JSON') return -32700
  if (code === 'INSPECT_SCHEMA')
    switch (errors?.[0]?.code) {
      case 'mcp-header':
        return headerMismatch
      case 'mcp-version':
        return unsupportedVersion
      case 'mcp-params':
        return -32602
      default:
        return -32600
    }
  if (status === 401) return -32001
  if (status === 403) return -32003
  if (status === 404) return -32004
  return status === 429 ? -32010 : -32000
}
