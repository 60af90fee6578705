import { isRecord } from './json-rpc.ts'

/** Methods whose results say how long, and for whom, they may be kept (revision 2026-07-28). */
const cacheable = new Set([
  'server/discover',
  'tools/list',
  'prompts/list',
  'resources/list',
  'resources/templates/list',
  'resources/read',
])

/**
 * A result behind a gate is its caller's: it is never kept for others. One that the policy filtered may be another at any
 * moment, so it is not kept at all.
 */
export function withCacheHints(
  method: string,
  message: Readonly<Record<string, unknown>>,
  filtered: boolean,
): Readonly<Record<string, unknown>> {
  const { result } = message
  if (!cacheable.has(method) || !isRecord(result)) return message
  if (!('ttlMs' in result) && !('cacheScope' in result)) return message
  const { ttlMs } = result
  const sound = typeof ttlMs === 'number' && Number.isSafeInteger(ttlMs) && ttlMs >= 0
  return { ...message, result: { ...result, ttlMs: filtered || !sound ? 0 : ttlMs, cacheScope: 'private' } }
}
