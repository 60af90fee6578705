import type { Fields } from '../../kernel/fields.ts'
import { type Denial, deny } from '../../kernel/verdict.ts'
import { isRecord, type RpcMessage } from './json-rpc.ts'

/** Revisions that are served: the current one, and the two before it in compatibility. */
export const currentRevision = '2026-07-28'
export const servedRevisions: readonly string[] = [currentRevision, '2025-11-25', '2025-06-18']

const check = 'inspect.mcp'

/** Members of `params` by which a method names its target. */
const targets: Readonly<Record<string, string>> = {
  'tools/call': 'name',
  'prompts/get': 'name',
  'resources/read': 'uri',
  'resources/subscribe': 'uri',
}

/**
 * Compares what the fields say with what the body says: a proxy that routes by fields and a server that reads the body must
 * see one call. The current revision demands the fields; where an older one has them they must agree as well.
 */
export function judgeHead(fields: Fields, message: RpcMessage): Denial | undefined {
  const revision = fields.get('mcp-protocol-version')
  const demanded = revision === currentRevision
  if (revision !== undefined && !servedRevisions.includes(revision))
    return malformed('a protocol version that is not served', 'mcp-version')
  const meta = message.params['_meta']
  const said = isRecord(meta) ? meta['io.modelcontextprotocol/protocolVersion'] : undefined
  if (said !== undefined && said !== revision)
    return malformed('MCP-Protocol-Version is not the version of the body')
  if (message.kind === 'response')
    return demanded ? malformed('this revision knows no answers of clients', 'json-rpc') : undefined
  const method = fields.get('mcp-method')
  if (method === undefined ? demanded : method !== message.method)
    return malformed('Mcp-Method is not the method of the body')
  const member = targets[message.method]
  const named = member === undefined ? undefined : message.params[member]
  const name = fields.get('mcp-name')
  if (member === undefined)
    return name === undefined ? undefined : malformed('Mcp-Name at a method without a name')
  if (typeof named !== 'string') return malformed('the method names nothing', 'mcp-params')
  if (name === undefined ? demanded : decoded(name) !== named)
    return malformed('Mcp-Name is not the name of the body')
  return undefined
}

/** A value that no field can hold is sent as `=?base64?…?=`. */
function decoded(value: string): string | undefined {
  const inner = /^=\?base64\?([A-Za-z0-9+/]*={0,2})\?=$/.exec(value)?.[1]
  if (inner === undefined) return value
  const bytes = Buffer.from(inner, 'base64')
  return bytes.toString('base64') === inner ? bytes.toString('utf8') : undefined
}

function malformed(reason: string, code = 'mcp-header'): Denial {
  return deny('INSPECT_SCHEMA', check, reason, { errors: [{ pointer: '/body', code }] })
}
