import type { Arrived } from '../../kernel/facts.ts'
import { createSpanIds } from './span-id.ts'

/**
 * Writes `traceparent` with a span of the gateway's own, which the trail keeps, and `tracestate` where it belongs to that
 * trace.
 */
export type WriteTrace = (
  call: Pick<Arrived, 'traceId' | 'trail'>,
  parent: string | undefined,
  state: string | undefined,
) => string

const SAMPLED_BIT = 1

/**
 * Compiles the writer (W3C Trace Context level 1). The sampling choice of the caller is kept. `keeps` tells which traces
 * the gateway keeps; where it keeps none itself, a trace that begins here is marked as recorded, because each call leaves
 * an event.
 */
export function compileTrace(keeps?: (traceId: string) => boolean): WriteTrace {
  const nextSpan = createSpanIds()
  return ({ traceId, trail }, parent, state) => {
    const span = nextSpan()
    trail.upstreamSpan = span
    if (parent === undefined || !isParentOf(parent, traceId))
      return `traceparent: 00-${traceId}-${span}-0${keeps === undefined || keeps(traceId) ? 1 : 0}\r\n`
    const asked = Number.parseInt(parent.slice(53, 55), 16) & SAMPLED_BIT
    const flags = keeps?.(traceId) === true ? SAMPLED_BIT : asked
    const line = `traceparent: 00-${traceId}-${span}-0${flags}\r\n`
    return state === undefined || state.length > 512 ? line : `${line}tracestate: ${state}\r\n`
  }
}

function isParentOf(parent: string, traceId: string): boolean {
  return parent.length >= 55 && parent.startsWith(traceId, 3) && /^[0-9a-f]{2}$/.test(parent.slice(53, 55))
}
