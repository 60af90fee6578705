import { Readable } from 'node:stream'
import type { Incoming } from '../../../kernel/body.ts'
import type { Arrived, Inspected } from '../../../kernel/facts.ts'
import { Fields } from '../../../kernel/fields.ts'
import { Trail } from '../../../kernel/trail.ts'
import { type Denial, deny, isDenied } from '../../../kernel/verdict.ts'
import { parseHead } from '../../../stages/listen/head.ts'
import { defaultLimits } from '../../../stages/listen/options.ts'
import { requestIdOf } from '../../../stages/listen/request-id.ts'
import { parseTarget } from '../../../stages/listen/target.ts'
import type { RestTool } from './tool-target.ts'
import type { WrittenRequest } from './write-request.ts'

/** Fields of the outer call that the inner one has as well: they are the caller's own. */
const kept = ['authorization', 'user-agent', 'accept-language', 'tracestate'] as const

/** What an agent can be shown, in the envelope where texts of others are read. */
const accept = 'application/vnd.sallyport.context+json, application/json, text/*;q=0.9, */*;q=0.1'

/**
 * The request that a tool call stands for, as if its caller had sent it: the same target and field parsers read it that read
 * what comes from a socket, so that nothing gets in here that would not get in there. Refuses with their codes.
 */
export function innerCall(outer: Inspected, tool: RestTool, written: WrittenRequest): Arrived | Denial {
  if (written.target.length > defaultLimits.targetBytes)
    return deny('LISTEN_TARGET_TOO_LONG', 'listen.target', 'target too long')
  const target = parseTarget(written.target)
  if (isDenied(target)) return target
  const { body } = written
  const lines = ['Host', outer.authority, 'Accept', accept]
  for (const name of kept) {
    const value = outer.fields.get(name)
    if (value !== undefined) lines.push(name, value)
  }
  if (body !== undefined && tool.body !== undefined)
    lines.push('Content-Type', tool.body.mediaType, 'Content-Length', String(body.length))
  lines.push(...written.lines)
  const head = parseHead(lines, false, '1.1', defaultLimits)
  if (isDenied(head)) return head
  const trail = new Trail()
  trail.enter('listen')
  trail.note('listen', 'listen.tool', 'allow', undefined, `tool call in ${outer.id}`)
  return {
    id: requestIdOf(undefined),
    time: outer.time,
    channel: outer.channel,
    peer: outer.peer,
    client: outer.client,
    method: tool.operation.method,
    path: target.path,
    query: target.query,
    pairs: target.pairs,
    authority: outer.authority,
    traceId: outer.traceId,
    fields: new Fields(head.flat),
    body: body === undefined ? nothing : bytesOf(body),
    upgrade: undefined,
    signal: outer.signal,
    trail,
  }
}

const nothing: Incoming = {
  declared: undefined,
  present: false,
  read: () => Promise.resolve(new Uint8Array()),
  stream: () => Readable.from([]),
}

function bytesOf(bytes: Uint8Array): Incoming {
  return {
    declared: bytes.length,
    present: true,
    read: (limit) =>
      Promise.resolve(
        bytes.length > limit
          ? deny('INSPECT_BODY_TOO_LARGE', 'listen.body', `body over ${limit} bytes`)
          : bytes,
      ),
    stream: () => Readable.from([bytes]),
  }
}
