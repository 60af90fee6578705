import type { Answer, Inspected, Reply } from '../../../kernel/facts.ts'
import { Fields } from '../../../kernel/fields.ts'
import { type ProblemCode, problemOf } from '../../../kernel/problem.ts'
import { type Denial, deny, isDenied, type SchemaError } from '../../../kernel/verdict.ts'
import { parseJson, printableValue } from '../../../media/json.ts'
import { flow } from '../../flow.ts'
import type { Gate } from '../../gate.ts'
import { problemType } from '../../refuse.ts'
import { isRecord, readMessage } from '../json-rpc.ts'
import { currentRevision, servedRevisions } from '../mcp-head.ts'
import { valueOfField } from '../reply-field.ts'
import { innerCall } from './inner-call.ts'
import { callKey, type ToolResult, toolResult } from './tool-result.ts'
import type { RestTool } from './tool-target.ts'
import { writeRequest } from './write-request.ts'

export interface RestToolsOptions {
  /** What the server calls itself. */
  readonly name: string
  readonly version: string
  /** Said to agents at the beginning; undefined: nothing. */
  readonly instructions: string | undefined
  readonly tools: readonly RestTool[]
  /** The gate through which each call goes, with what is proven of its caller already. */
  gateFor(outer: Inspected): Gate
}

/** The MCP server that an API's own operations are. */
export interface RestTools {
  /** Answers one judged message; never rejects. */
  run(inspected: Inspected): Promise<Answer | Denial>
}

/**
 * Serves operations as tools (revision 2026-07-28, and the two before it without sessions). A call goes through all eight stages
 * as the request it stands for; what refuses there is the result of the tool, but for what asks its caller for another credential:
 * that is a refusal of the message itself, with the challenge.
 */
export function createRestTools(options: RestToolsOptions): RestTools {
  const byName = new Map(options.tools.map((tool) => [tool.name, tool]))
  const list = options.tools.map(({ definition }) => definition)
  const about = {
    capabilities: { tools: {} },
    serverInfo: { name: options.name, version: options.version },
    ...(options.instructions !== undefined && { instructions: options.instructions }),
  }

  async function call(
    inspected: Inspected,
    params: Readonly<Record<string, unknown>>,
  ): Promise<ToolResult | Denial | 'unknown'> {
    const tool = byName.get(String(params['name']))
    if (tool === undefined) return 'unknown'
    const args = argumentsOf(inspected)
    if (args === undefined) return refusedResult('INSPECT_SCHEMA', [{ pointer: '/arguments', code: 'type' }])
    const written = writeRequest(tool, args)
    if (!('target' in written)) return note(inspected, 'INSPECT_SCHEMA', written)
    const arrived = innerCall(inspected, tool, written)
    if (isDenied(arrived)) return note(inspected, arrived.code)
    const gate = options.gateFor(inspected)
    const reply = await flow(
      {
        ...gate,
        house: undefined,
        own: () => undefined,
        share: (_arrived, one) => one,
        match(one) {
          const matched = gate.match(one)
          if (isDenied(matched) || matched.operation.slot === tool.operation.slot) return matched
          // `/users/{id}` with an id of `me` is another operation, which may be no tool at all.
          return deny('MATCH_NO_OPERATION', 'match.tool', 'the arguments lead to another operation')
        },
      },
      arrived,
    )
    return challengeOf(reply) ?? toolResult(reply, arrived.id)
  }

  return {
    async run(inspected) {
      if (inspected.method !== 'POST') return answer(405, undefined, ['allow', 'POST'])
      const message = readMessage(inspected.input.value)
      if (message === undefined || message.id === undefined || message.kind !== 'request') return answer(202)
      const modern = inspected.fields.get('mcp-protocol-version') === currentRevision
      const { id, method, params } = message
      const result = (value: object): Answer =>
        answer(200, { jsonrpc: '2.0', id, result: modern ? { resultType: 'complete', ...value } : value })
      const failed = (code: number, text: string, status = 200): Answer =>
        answer(status, { jsonrpc: '2.0', id, error: { code, message: text } })
      switch (method) {
        case 'initialize':
          return result({ protocolVersion: versionFor(params['protocolVersion']), ...about })
        case 'server/discover':
          return result({ supportedVersions: servedRevisions, ...about, ...uncached })
        case 'ping':
          return result({})
        case 'tools/list':
          if (params['cursor'] !== undefined) return failed(-32602, 'there is one page')
          return result({ tools: list, ...(modern && uncached) })
        case 'tools/call': {
          const done = await call(inspected, params)
          if (done === 'unknown') return failed(-32602, 'unknown tool')
          return isDenied(done) ? done : result(done)
        }
        default:
          return failed(-32601, 'method not found', modern ? 404 : 200)
      }
    },
  }
}

/** What is listed depends on the caller, and on rules that may change at any time. */
const uncached = { ttlMs: 0, cacheScope: 'private' } as const

/** The revision of a handshake: the one that was asked for where it has one, else the newest that has. */
function versionFor(asked: unknown): string {
  const legacy = servedRevisions.filter((one) => one !== currentRevision)
  return typeof asked === 'string' && legacy.includes(asked) ? asked : (legacy[0] ?? currentRevision)
}

/** The arguments as they were written: numbers that no double holds among them. */
function argumentsOf({ input }: Inspected): Readonly<Record<string, unknown>> | undefined {
  if (!(input.body instanceof Uint8Array)) return undefined
  const json = parseJson(input.body)
  if (typeof json === 'string') return undefined
  const message = printableValue(json)
  const params = isRecord(message) ? message['params'] : undefined
  const args = isRecord(params) ? params['arguments'] : undefined
  if (args === undefined) return {}
  return isRecord(args) ? args : undefined
}

/** A refusal before there was a request: put on record with the message, and told to the agent. */
function note(inspected: Inspected, code: ProblemCode, errors?: readonly SchemaError[]): ToolResult {
  const reason = errors?.map(({ pointer, code: what }) => `${what} at ${pointer}`).join(', ')
  inspected.trail.note('forward', 'forward.tool', 'deny', code, reason, true)
  return refusedResult(code, errors)
}

function refusedResult(code: ProblemCode, errors?: readonly SchemaError[]): ToolResult {
  const { status, title } = problemOf(code)
  const problem = { type: problemType(code), title, status, code, ...(errors !== undefined && { errors }) }
  return {
    content: [{ type: 'text', text: JSON.stringify(problem) }],
    isError: true,
    _meta: { [callKey]: { status } },
  }
}

/** Another credential would do: MCP clients read that from the status and the challenge of the message. */
function challengeOf(reply: Reply): Denial | undefined {
  const challenge = valueOfField(reply, 'www-authenticate')
  if (challenge === undefined || (reply.status !== 401 && reply.status !== 403)) return undefined
  const code: ProblemCode = reply.status === 401 ? 'IDENTIFY_REQUIRED' : 'AUTHORIZE_SCOPE'
  return deny(code, 'forward.tool', 'the operation asks for another credential', {
    fields: ['WWW-Authenticate', challenge],
  })
}

function answer(status: number, message?: object, fields: readonly string[] = []): Answer {
  const body = message === undefined ? undefined : Buffer.from(JSON.stringify(message))
  return {
    status,
    fields: new Fields([...fields, ...(body === undefined ? [] : ['content-type', 'application/json'])]),
    body,
    wait: 0,
    tunnel: undefined,
  }
}
