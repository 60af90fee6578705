import type { Answered, Identified, Inspected, Reply } from '../../kernel/facts.ts'
import { type Denial, deny } from '../../kernel/verdict.ts'
import { withCacheHints } from './cache-hints.ts'
import { openEnvelope, withContext } from './context-meta.ts'
import { Broken } from './event-messages.ts'
import { isRecord, type RpcMessage, readMessage } from './json-rpc.ts'
import { type Asked, judgedEvents } from './judged-events.ts'
import { currentRevision, judgeHead } from './mcp-head.ts'
import { valueOfField } from './reply-field.ts'
import { rpcRefusal } from './rpc-refusal.ts'
import { refusedRequest, refusedResult, type ServerRequests } from './server-requests.ts'
import type { ToolPins } from './tool-pins.ts'
import type { ToolPolicy } from './tool-policy.ts'

/** One MCP server behind the gate. */
export interface McpApi {
  readonly name: string
  readonly tools: ToolPolicy
  readonly pins: 'enforce' | 'observe' | 'off'
  /** What the server may ask of clients and users. */
  readonly requests: ServerRequests
  /** How far its texts are trusted; undefined where nothing is said of them. */
  readonly trust: string | undefined
  /** Milliseconds in which a stream must come to its answer. */
  readonly answerMs: number
  /** Whether a caller who may call a tool by `tools` could do so with some arguments; for lists. */
  sees?(call: Identified, tool: string): boolean
  /** A refusal with what would be needed, as the schemes of the server tell it. */
  challenge?(call: Identified, denial: Denial, parameters: string): Denial
}

export interface Mcp {
  /** True for operations of MCP servers. */
  has(slot: number): boolean
  /** Judges the message of a call: its form, its fields, its tool. */
  judge(inspected: Inspected): Denial | undefined
  /** Judges what the server answers: whose answer it is, which tools it shows. */
  screen(answered: Answered, reply: Reply): Reply | Denial
  /** The refusal of a call as JSON-RPC, where it is one of an MCP server. */
  refusal(reply: Reply): Reply
}

/** Sessions that are remembered; the one that was quiet longest goes first. */
const mostSessions = 10_000

/** `servers` are indexed by `Operation.slot`. */
export function createMcp(servers: readonly (McpApi | undefined)[], pins: ToolPins): Mcp {
  /** Session → whose it is. */
  const sessions = new Map<string, string>()
  const ownerOf = ({ principal }: Inspected): string => `${principal.issuer}\0${principal.sub}`

  function judgeSession(inspected: Inspected): Denial | undefined {
    const session = inspected.fields.get('mcp-session-id')
    if (session === undefined) return undefined
    const owner = sessions.get(session)
    if (owner === ownerOf(inspected)) return undefined
    // 404 tells a client to begin anew; it does not tell whether the session is somebody else's.
    return deny(
      'AUTHORIZE_NOT_FOUND',
      'authorize.mcp-session',
      owner === undefined ? 'unknown session' : 'session of another',
    )
  }

  function judgeTool(api: McpApi, inspected: Inspected, message: RpcMessage): Denial | undefined {
    if (message.method !== 'tools/call') return undefined
    const tool = String(message.params['name'])
    if (api.pins === 'enforce' && pins.isQuarantined(api.name, tool))
      return deny('AUTHORIZE_FUNCTION', 'authorize.mcp-pin', 'the tool is not what was approved')
    const verdict = api.tools(inspected.principal, tool)
    if (verdict === 'allowed') return undefined
    if (verdict === 'refused')
      return deny('AUTHORIZE_FUNCTION', 'authorize.mcp-tool', 'no rule lets the caller call the tool')
    const denial = deny('AUTHORIZE_SCOPE', 'authorize.mcp-tool', 'a scope of the tool is missing')
    return api.challenge?.(inspected, denial, `scope="${verdict.join(' ')}"`) ?? denial
  }

  /** One message of the server to the caller; undefined: it does not leave. Throws `Broken`. */
  function judgeMessage(api: McpApi, answered: Answered, asked: Asked, message: unknown): unknown {
    const read = readMessage(message)
    if (read === undefined) throw new Broken('no JSON-RPC message')
    if (read.kind === 'notification') return message
    if (read.kind === 'request') {
      const refused = asked.modern
        ? 'this revision knows no requests of servers'
        : refusedRequest(api.requests, read.method, read.params)
      if (refused !== undefined) throw new Broken(refused, 'SCREEN_CONTEXT')
      return message
    }
    const { request } = asked
    if (request === undefined || read.id !== request.id) throw new Broken('an answer to another request')
    if (asked.replied) throw new Broken('a second answer')
    asked.replied = true
    const answer = message as Record<string, unknown>
    const refused = refusedResult(api.requests, answer)
    if (refused !== undefined) throw new Broken(refused, 'SCREEN_CONTEXT')
    const listed = request.method === 'tools/list'
    const told = listed ? withoutRefused(api, answered, answer) : answer
    const hinted = withCacheHints(request.method, told, listed)
    // The tools of an API of our own are told of where they are made.
    return api.sees === undefined ? withContext(request.method, hinted, asked.context) : hinted
  }

  /** The list without tools that the caller may not call, or that are not what was approved. */
  function withoutRefused(
    api: McpApi,
    answered: Answered,
    message: Record<string, unknown>,
  ): Record<string, unknown> {
    const { result } = message
    if (!isRecord(result) || !Array.isArray(result['tools'])) return message
    const tools = result['tools'].filter(isRecord)
    const { drifted, fresh, alike } = api.pins === 'off' ? none : pins.offered(api.name, tools, answered.time)
    const say = (what: string, names: readonly string[], refused: boolean): void => {
      if (names.length > 0)
        answered.trail.note(
          'screen',
          'screen.mcp-pin',
          refused ? 'deny' : 'allow',
          refused ? 'SCREEN_CONTEXT' : undefined,
          `${what}: ${names.slice(0, 8).map(shown).join(', ')}`,
          refused,
        )
    }
    say('first seen and pinned', fresh, false)
    say('not what was approved', drifted, true)
    say('looks like a tool of another server', alike, true)
    const hidden = new Set(api.pins === 'enforce' ? drifted : [])
    return {
      ...message,
      result: {
        ...result,
        tools: tools.filter(({ name }) => {
          const tool = String(name)
          if (hidden.has(tool) || api.tools(answered.principal, tool) !== 'allowed') return false
          return api.sees === undefined || api.sees(answered, tool)
        }),
      },
    }
  }

  return {
    has: (slot) => servers[slot] !== undefined,
    judge(inspected) {
      const api = servers[inspected.operation.slot]
      if (api === undefined) return undefined
      const session = judgeSession(inspected)
      if (session !== undefined || inspected.method !== 'POST') return session
      const message = readMessage(inspected.input.value)
      if (message === undefined)
        return deny('INSPECT_SCHEMA', 'inspect.mcp', 'not one JSON-RPC message', {
          errors: [{ pointer: '/body', code: 'json-rpc' }],
        })
      return judgeHead(inspected.fields, message) ?? judgeTool(api, inspected, message)
    },
    screen(answered, reply) {
      const api = servers[answered.operation.slot]
      if (api === undefined || (reply.status >= 300 && reply.status < 400)) return reply
      if (reply.status >= 400) return judgedError(api, reply)
      const opened = valueOfField(reply, 'mcp-session-id')
      if (opened !== undefined) {
        if ((sessions.get(opened) ?? ownerOf(answered)) !== ownerOf(answered))
          return deny('SCREEN_SCHEMA', 'screen.mcp', 'a session that is somebody else’s')
        sessions.delete(opened)
        sessions.set(opened, ownerOf(answered))
        if (sessions.size > mostSessions) sessions.delete(sessions.keys().next().value ?? '')
      }
      const message = readMessage(answered.input.value)
      const asked: Asked = {
        request: message?.kind === 'request' ? message : undefined,
        modern: answered.fields.get('mcp-protocol-version') === currentRevision,
        replied: false,
        // Of a stream no more is known before it is over.
        context: api.trust === undefined ? undefined : { v: 1, trust: api.trust, inspected: 'stream' },
      }
      const judge = (one: unknown): unknown => judgeMessage(api, answered, asked, one)
      const { body } = reply
      if (body === undefined && asked.request === undefined) return reply
      if (valueOfField(reply, 'content-type')?.startsWith('text/event-stream') === true)
        return { ...reply, body: judgedEvents(answered, asked, judge, body, api.answerMs) }
      if (!(body instanceof Uint8Array))
        return deny('SCREEN_SCHEMA', 'screen.mcp', 'an answer that is not read')
      try {
        const { message: told, context } = openEnvelope(
          Buffer.from(body).toString('utf8'),
          valueOfField(reply, 'content-type'),
        )
        asked.context = context
        const left = judge(told)
        if (asked.request !== undefined && !asked.replied) throw new Broken('no answer')
        return { ...reply, fields: asJson(reply.fields), body: Buffer.from(JSON.stringify(left)) }
      } catch (error) {
        return error instanceof Broken
          ? deny(error.code, 'screen.mcp', error.message)
          : deny('SCREEN_SCHEMA', 'screen.mcp', 'the answer is not JSON-RPC')
      }
    },
    refusal: rpcRefusal,
  }
}

/** A page of the gate's own. */
function isProblem(reply: Reply): boolean {
  return valueOfField(reply, 'content-type') === 'application/problem+json'
}

/** An error may ask for something, too. */
function judgedError(api: McpApi, reply: Reply): Reply | Denial {
  if (!(reply.body instanceof Uint8Array) || isProblem(reply)) return reply
  let message: unknown
  try {
    message = openEnvelope(
      Buffer.from(reply.body).toString('utf8'),
      valueOfField(reply, 'content-type'),
    ).message
  } catch {
    return reply
  }
  const refused = isRecord(message) ? refusedResult(api.requests, message) : undefined
  if (refused !== undefined) return deny('SCREEN_CONTEXT', 'screen.mcp', refused)
  if (!isRecord(message)) return reply
  const left = withContext('', message, undefined)
  return { ...reply, fields: asJson(reply.fields), body: Buffer.from(JSON.stringify(left)) }
}

/** Fields of a reply that is JSON-RPC, whatever it was wrapped in. */
function asJson(fields: readonly string[]): readonly string[] {
  return fields.map((value, i) =>
    i % 2 === 1 && fields[i - 1]?.toLowerCase() === 'content-type' ? 'application/json' : value,
  )
}

const none = { drifted: [], fresh: [], alike: [] } as const

/** A tool's name as far as it is one: anything may stand there. */
function shown(name: string): string {
  return /^[\w./-]{1,64}$/.test(name) ? name : `[${name.length} signs]`
}
