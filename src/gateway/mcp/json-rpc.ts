/** One JSON-RPC 2.0 message as MCP sends it. */
export interface RpcMessage {
  readonly kind: 'request' | 'notification' | 'response'
  /** Undefined for a notification. */
  readonly id: string | number | undefined
  /** Empty for a response. */
  readonly method: string
  readonly params: Readonly<Record<string, unknown>>
}

/** Reads a parsed body; undefined where it is not exactly one message. */
export function readMessage(value: unknown): RpcMessage | undefined {
  if (!isRecord(value) || value['jsonrpc'] !== '2.0') return undefined
  const { id, method, params } = value
  if (params !== undefined && !isRecord(params)) return undefined
  if (id !== undefined && typeof id !== 'string' && !(typeof id === 'number' && Number.isSafeInteger(id)))
    return undefined
  const known = isRecord(params) ? params : {}
  if (typeof method === 'string' && method.length <= 128 && !('result' in value) && !('error' in value))
    return { kind: id === undefined ? 'notification' : 'request', id, method, params: known }
  if (method === undefined && id !== undefined && 'result' in value !== 'error' in value)
    return { kind: 'response', id, method: '', params: known }
  return undefined
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
