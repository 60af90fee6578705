import type { Answered, Identified, Inspected, Reply } from '../../kernel/facts.ts'
import { problemOf } from '../../kernel/problem.ts'
import { type Denial, deny } from '../../kernel/verdict.ts'
import { problemType } from '../refuse.ts'
import { withCacheHints } from './cache-hints.ts'
import { Broken, EventMessages } from './event-messages.ts'
import { isRecord, type RpcMessage, readMessage } from './json-rpc.ts'
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
    return withCacheHints(request.method, listed ? withoutRefused(api, answered, answer) : answer, listed)
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
      if (reply.status >= 400) return refusedError(api, reply) ?? reply
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
      }
      const judge = (one: unknown): unknown => judgeMessage(api, answered, asked, one)
      const { body } = reply
      if (body === undefined && asked.request === undefined) return reply
      if (valueOfField(reply, 'content-type')?.startsWith('text/event-stream') === true)
        return { ...reply, body: judgedEvents(answered, asked, judge, body, api.answerMs) }
      if (!(body instanceof Uint8Array))
        return deny('SCREEN_SCHEMA', 'screen.mcp', 'an answer that is not read')
      try {
        const left = judge(JSON.parse(Buffer.from(body).toString('utf8')))
        if (asked.request !== undefined && !asked.replied) throw new Broken('no answer')
        return { ...reply, body: Buffer.from(JSON.stringify(left)) }
      } catch (error) {
        return error instanceof Broken
          ? deny(error.code, 'screen.mcp', error.message)
          : deny('SCREEN_SCHEMA', 'screen.mcp', 'the answer is not JSON-RPC')
      }
    },
    refusal: rpcRefusal,
  }
}

/** An error may ask for something, too. */
function refusedError(api: McpApi, reply: Reply): Denial | undefined {
  if (!(reply.body instanceof Uint8Array)) return undefined
  let message: unknown
  try {
    message = JSON.parse(Buffer.from(reply.body).toString('utf8'))
  } catch {
    return undefined
  }
  const refused = isRecord(message) ? refusedResult(api.requests, message) : undefined
  return refused === undefined ? undefined : deny('SCREEN_CONTEXT', 'screen.mcp', refused)
}

/** What a call asked, and whether it was answered. */
interface Asked {
  readonly request: RpcMessage | undefined
  /** The revision in which servers ask nothing but by their results. */
  readonly modern: boolean
  replied: boolean
}

/**
 * The events of a server, judged one by one. The answer is the last of them. A server that answers another request, says what it
 * may not, falls silent or breaks off is answered for: the caller gets a JSON-RPC error to what it asked.
 */
function judgedEvents(
  answered: Answered,
  asked: Asked,
  judge: (message: unknown) => unknown,
  body: Reply['body'],
  answerMs: number,
): EventMessages {
  const { request } = asked
  const events = new EventMessages({
    message(message) {
      try {
        return judge(message)
      } catch (error) {
        // A stream that answers nothing goes on without what may not leave.
        if (request !== undefined || !(error instanceof Broken)) throw error
        answered.trail.note('screen', 'screen.mcp', 'deny', error.code, error.message)
        return undefined
      }
    },
    isOver: () => asked.replied,
    last(broken) {
      if (request === undefined) return undefined
      answered.trail.note('screen', 'screen.mcp', 'deny', broken.code, broken.message)
      const { title, status } = problemOf(broken.code)
      const data = { type: problemType(broken.code), title, status, code: broken.code, instance: answered.id }
      return { jsonrpc: '2.0', id: request.id, error: { code: -32000, message: title, data } }
    },
  })
  if (body === undefined || body instanceof Uint8Array) {
    events.end(body)
    return events
  }
  // A subscription is answered when it ends.
  if (request !== undefined && request.method !== 'subscriptions/listen') {
    const late = (): void => events.breakOff(new Broken('no answer in time'))
    const timer = setTimeout(late, answerMs).unref()
    events.once('close', () => clearTimeout(timer))
  }
  body.once('error', () => events.breakOff(new Broken('the server broke off, or fell silent')))
  const leave = (): void => {
    body.unpipe(events)
    body.on('error', ignore).destroy()
  }
  events.once('over', leave).once('close', leave)
  body.pipe(events)
  return events
}

function ignore(): void {}

const none = { drifted: [], fresh: [], alike: [] } as const

/** A tool's name as far as it is one: anything may stand there. */
function shown(name: string): string {
  return /^[\w./-]{1,64}$/.test(name) ? name : `[${name.length} signs]`
}
