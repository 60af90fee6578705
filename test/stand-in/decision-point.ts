import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'

/** One question as the server got it. */
export interface AskedQuestion {
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: unknown
}

/**
 * A decision point on a socket of its own that speaks AuthZEN 1.0 (`/access/v1/evaluation`, `/access/v1/evaluations`) and
 * OpenFGA (`/stores/{store}/check`, `/stores/{store}/batch-check`), strict about what it is sent.
 */
export interface DecisionPointServer {
  readonly url: string
  readonly asked: AskedQuestion[]
  /** What is allowed, as `user:123 read booking:b1`. */
  readonly allowed: Set<string>
  /** What cannot be evaluated, as `booking:b1`. */
  readonly broken: Set<string>
  /** Bearer token that is asked for; undefined: none. */
  token: string | undefined
  /** Replaced by tests at will; the usual answer otherwise. */
  answer: (question: AskedQuestion, response: ServerResponse, usual: () => void) => void
  stop(): Promise<void>
}

/** Id of the store, and of its model. */
export const storeId = '01ARZ3NDEKTSV4RRFFQ69G5FAV'
export const modelId = '01GXSA8YR785C4FYS3C0RTG7B1'
/** Checks that OpenFGA takes in one batch unless told otherwise. */
const maxChecks = 50

export async function startDecisionPoint(t: {
  after(end: () => Promise<void>): void
}): Promise<DecisionPointServer> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('error', () => {})
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      let body: unknown
      try {
        body = JSON.parse(Buffer.concat(chunks).toString('utf8'))
      } catch {
        body = undefined
      }
      const question = { path: request.url ?? '', headers: request.headers, body }
      self.asked.push(question)
      self.answer(question, response, () => {
        const { status, json } = usual(self, request, body)
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(json))
      })
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const stop = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  t.after(stop)
  const self: DecisionPointServer = {
    url: `http://127.0.0.1:${port}`,
    asked: [],
    allowed: new Set(),
    broken: new Set(),
    token: undefined,
    answer: (_question, _response, answer) => answer(),
    stop,
  }
  return self
}

interface Said {
  readonly status: number
  readonly json: unknown
}

const bad = (message: string): Said => ({ status: 400, json: { code: 'validation_error', message } })

function usual(server: DecisionPointServer, request: IncomingMessage, body: unknown): Said {
  if (request.method !== 'POST' || request.headers['content-type'] !== 'application/json')
    return bad('POST application/json')
  if (server.token !== undefined && request.headers.authorization !== `Bearer ${server.token}`)
    return { status: 401, json: { code: 'unauthenticated' } }
  if (!isObject(body)) return bad('a JSON object')
  switch (request.url) {
    case '/access/v1/evaluation':
      return evaluate(server, body)
    case '/access/v1/evaluations':
      return evaluateAll(server, body)
    case `/stores/${storeId}/check`:
      return check(server, body)
    case `/stores/${storeId}/batch-check`:
      return checkAll(server, body)
    default:
      return { status: 404, json: { code: 'undefined_endpoint' } }
  }
}

type Json = Readonly<Record<string, unknown>>

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function evaluate(server: DecisionPointServer, { subject, action, resource, context }: Json): Said {
  if (!isObject(subject) || typeof subject['type'] !== 'string' || typeof subject['id'] !== 'string')
    return bad('subject')
  if (!isObject(action) || typeof action['name'] !== 'string') return bad('action')
  if (!isObject(resource) || typeof resource['type'] !== 'string' || typeof resource['id'] !== 'string')
    return bad('resource')
  if (context !== undefined && !isObject(context)) return bad('context')
  const object = `${resource['type']}:${resource['id']}`
  if (server.broken.has(object))
    return {
      status: 200,
      json: { decision: false, context: { error: { status: 500, message: 'cannot tell' } } },
    }
  const decision = server.allowed.has(`${subject['type']}:${subject['id']} ${action['name']} ${object}`)
  return { status: 200, json: { decision } }
}

/** Members beside `evaluations` are what each of them takes where it does not say otherwise. */
function evaluateAll(server: DecisionPointServer, { evaluations, options, ...shared }: Json): Said {
  if (!Array.isArray(evaluations) || evaluations.length === 0) return evaluate(server, shared)
  if (options !== undefined && !isObject(options)) return bad('options')
  const all: unknown[] = []
  for (const one of evaluations) {
    if (!isObject(one)) return bad('evaluations')
    const said = evaluate(server, { ...shared, ...one })
    if (said.status !== 200) return said
    all.push(said.json)
  }
  return { status: 200, json: { evaluations: all } }
}

const userPattern = /^[^:#\s]+:[^:#\s]+$/
const relationPattern = /^[^:#@\s]+$/

function check(server: DecisionPointServer, body: Json): Said {
  const { tuple_key: key, authorization_model_id: model } = body
  if (model !== undefined && model !== modelId)
    return { status: 400, json: { code: 'authorization_model_not_found' } }
  if (!isObject(key)) return bad('tuple_key')
  const { user, relation, object } = key
  if (typeof user !== 'string' || !userPattern.test(user)) return bad('user')
  if (typeof relation !== 'string' || !relationPattern.test(relation)) return bad('relation')
  if (typeof object !== 'string' || !userPattern.test(object)) return bad('object')
  if (server.broken.has(object)) return { status: 500, json: { code: 'internal_error' } }
  // `user:*` stands for everybody.
  const allowed = server.allowed.has(`${user} ${relation} ${object}`) || user === 'user:*'
  return { status: 200, json: { allowed, resolution: '' } }
}

function checkAll(server: DecisionPointServer, { checks, authorization_model_id: model }: Json): Said {
  if (!Array.isArray(checks) || checks.length === 0 || checks.length > maxChecks) return bad('checks')
  const result: [string, unknown][] = []
  for (const one of checks) {
    const id = isObject(one) ? one['correlation_id'] : undefined
    if (!isObject(one) || typeof id !== 'string' || !/^[\w-]{1,36}$/.test(id)) return bad('correlation_id')
    if (result.some(([known]) => known === id)) return bad('correlation_id twice')
    const said = check(server, { tuple_key: one['tuple_key'], authorization_model_id: model })
    if (said.status === 400) return said
    result.push([
      id,
      said.status === 200
        ? said.json
        : { error: { internal_error: 'internal_error', message: 'cannot tell' } },
    ])
  }
  // In no particular order.
  return { status: 200, json: { result: Object.fromEntries(result.reverse()) } }
}
