import type { Answered, Identified, Inspected, Reply } from '../../kernel/facts.ts'
import { type Denial, deny } from '../../kernel/verdict.ts'
import { EventMessages } from './event-messages.ts'
import { isRecord, type RpcMessage, readMessage } from './json-rpc.ts'
import { judgeHead } from './mcp-head.ts'
import { valueOfField } from './reply-field.ts'
import type { ToolPins } from './tool-pins.ts'
import type { ToolPolicy } from './tool-policy.ts'

/** One MCP server behind the gate. */
export interface McpApi {
  readonly name: string
  readonly tools: ToolPolicy
  readonly pins: 'enforce' | 'observe' | 'off'
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

  /** One message of the server to the caller; undefined: it does not leave. */
  function judgeMessage(
    api: McpApi,
    answered: Answered,
    asked: RpcMessage | undefined,
    state: { replied: boolean },
    message: unknown,
  ): unknown {
    const read = readMessage(message)
    if (read === undefined) throw new Wrong('no JSON-RPC message')
    if (read.kind !== 'response') return message
    if (asked === undefined || read.id !== asked.id) throw new Wrong('an answer to another request')
    if (state.replied) throw new Wrong('a second answer')
    state.replied = true
    return asked.method === 'tools/list'
      ? withoutRefused(api, answered, message as Record<string, unknown>)
      : message
  }

  /** The list without tools that the caller may not call, or that are not what was approved. */
  function withoutRefused(api: McpApi, answered: Answered, message: Record<string, unknown>): unknown {
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
      if (api === undefined || reply.status >= 300 || reply.body === undefined) return reply
      const opened = valueOfField(reply, 'mcp-session-id')
      if (opened !== undefined) {
        sessions.delete(opened)
        sessions.set(opened, ownerOf(answered))
        if (sessions.size > mostSessions) sessions.delete(sessions.keys().next().value ?? '')
      }
      const message = readMessage(answered.input.value)
      const asked = message?.kind === 'request' ? message : undefined
      const state = { replied: false }
      const judge = (one: unknown): unknown => judgeMessage(api, answered, asked, state, one)
      const { body } = reply
      if (valueOfField(reply, 'content-type')?.startsWith('text/event-stream') === true) {
        const events = new EventMessages(judge)
        if (body instanceof Uint8Array) events.end(body)
        else {
          body.once('error', (error) => events.destroy(error))
          events.once('close', () => body.destroy())
          body.pipe(events)
        }
        return { ...reply, body: events }
      }
      if (!(body instanceof Uint8Array))
        return deny('SCREEN_SCHEMA', 'screen.mcp', 'an answer that is not read')
      try {
        const left = judge(JSON.parse(Buffer.from(body).toString('utf8')))
        return { ...reply, body: Buffer.from(JSON.stringify(left)) }
      } catch (error) {
        return deny(
          'SCREEN_SCHEMA',
          'screen.mcp',
          error instanceof Wrong ? error.message : 'the answer is not JSON-RPC',
        )
      }
    },
    refusal(reply) {
      if (
        !(reply.body instanceof Uint8Array) ||
        valueOfField(reply, 'content-type') !== 'application/problem+json'
      )
        return reply
      const problem = JSON.parse(Buffer.from(reply.body).toString('utf8')) as { title: string; code: string }
      const error = { code: rpcCodeOf(reply.status, problem.code), message: problem.title, data: problem }
      const fields = reply.fields.flatMap((value, i) =>
        i % 2 === 1 ? [] : value.toLowerCase() === 'content-type' ? [] : [value, reply.fields[i + 1] ?? ''],
      )
      return {
        ...reply,
        fields: [...fields, 'Content-Type', 'application/json'],
        body: Buffer.from(JSON.stringify({ jsonrpc: '2.0', id: null, error })),
      }
    },
  }
}

const none = { drifted: [], fresh: [], alike: [] } as const

/** A server that does not keep to the protocol. */
class Wrong extends Error {}

/** −32020 for fields that contradict the body, as the specification says; the rest in the range that is ours. */
function rpcCodeOf(status: number, code: string): number {
  if (code.startsWith('INSPECT')) return -32020
  if (status === 401) return -32001
  if (status === 403) return -32003
  if (status === 404) return -32004
  return status === 429 ? -32029 : -32000
}

/** A tool's name as far as it is one: anything may stand there. */
function shown(name: string): string {
  return /^[\w./-]{1,64}$/.test(name) ? name : `[${name.length} signs]`
}
