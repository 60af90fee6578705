import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { type RunningGateway, startGateway } from './running-gateway.ts'
import { thingsContract } from './things-contract.ts'

const objects = `    objects: { thing: { id: path.thingId, owner: "path.thingId" } }
`
let gateway: RunningGateway
let token: string
before(async () => {
  gateway = await startGateway({
    contract: thingsContract,
    durable: 'sqlite:events.db',
    // A busy machine is not what is tested here.
    top: 'overload: { mode: off }',
    api: `    security: { bearer: [main] }
    controls: { response-schema: enforce }
    expose:
      mcp:
        operations: [readThing, writeThing, removeThing, readText]
        approvalScope: agent:approve
        instructions: Things of one person.
    functions: [{ for: "tag:admin", allow: "'admin' in caller.roles" }]
    limits: [{ for: writeThing, per: caller, rate: 3/min, burst: 3 }]
${objects}`,
  })
  token = await gateway.token()
})
after(() => gateway.close())
beforeEach(() => {
  gateway.upstream.seen.length = 0
})

async function connected(bearer = token): Promise<Client> {
  const client = new Client({ name: 'test', version: '1.0.0' })
  const transport = new StreamableHTTPClientTransport(new URL(`${gateway.url}/mcp`), {
    requestInit: { headers: { authorization: `Bearer ${bearer}` } },
  })
  await client.connect(transport as unknown as Parameters<typeof client.connect>[0])
  return client
}
interface Result {
  readonly content: { readonly text: string }[]
  readonly structuredContent?: Record<string, unknown>
  readonly isError: boolean
  readonly _meta: Record<string, Record<string, unknown>>
}
async function callTool(client: Client, name: string, args: Record<string, unknown> = {}): Promise<Result> {
  return (await client.callTool({ name, arguments: args })) as unknown as Result
}
const problemOf = ({ content }: Result): string =>
  (JSON.parse(content[0]?.text ?? '{}') as { code?: string }).code ?? 'none'

describe('operations as tools, by the official SDK', () => {
  test('a client lists what it may call, as the contract says it', async () => {
    const client = await connected()
    assert.equal(client.getInstructions(), 'Things of one person.')
    const { tools } = await client.listTools()
    assert.deepEqual(
      tools.map(({ name }) => name),
      ['readThing', 'readText'],
    )
    const [read] = tools
    assert.deepEqual(read?.inputSchema.required, ['thingId'])
    assert.deepEqual(Object.keys(read?.inputSchema.properties ?? {}), ['thingId', 'limit', 'tag'])
    assert.equal(read?.annotations?.readOnlyHint, true)
    await client.close()
    const admin = await connected(
      await gateway.token({ scope: 'things:read things:write agent:approve', roles: ['admin'] }),
    )
    const all = (await admin.listTools()).tools
    assert.deepEqual(
      all.map(({ name }) => name),
      ['readThing', 'writeThing', 'removeThing', 'readText'],
    )
    assert.equal(all[1]?.annotations?.destructiveHint, true)
    await admin.close()
  })

  test('a call is the request it stands for', async () => {
    const client = await connected()
    await client.listTools()
    const result = await callTool(client, 'readThing', { thingId: '123', limit: 7, tag: ['a', 'b c'] })
    assert.equal(result.isError, false)
    assert.deepEqual(result.structuredContent, { id: '1', name: 'thing' })
    assert.equal(result.content[0]?.text, '{"id":"1","name":"thing"}')
    const context = result._meta['dev.sallyport/context']
    assert.equal(context?.['trust'], 'external')
    assert.equal(context?.['operation'], 'readThing')
    const [seen] = gateway.upstream.seen
    assert.equal(`${seen?.method} ${seen?.url}`, 'GET /things/123?limit=7&tag=a&tag=b%20c')
    assert.equal(seen?.headers['authorization'], undefined)
    await client.close()
  })

  test('what refuses a request refuses the call', async () => {
    const client = await connected()
    for (const [args, code] of [
      [{ thingId: '456' }, 'AUTHORIZE_OBJECT'],
      [{ thingId: '123', limit: 1000 }, 'INSPECT_SCHEMA'],
      [{ thingId: '123', other: 1 }, 'INSPECT_SCHEMA'],
      [{}, 'INSPECT_SCHEMA'],
      [{ thingId: '../users' }, 'LISTEN_PATH_AMBIGUOUS'],
      [{ thingId: '..' }, 'LISTEN_PATH_AMBIGUOUS'],
      [{ thingId: '123/../456' }, 'LISTEN_PATH_AMBIGUOUS'],
      [{ thingId: '123%2f..' }, 'LISTEN_PATH_AMBIGUOUS'],
      [{ thingId: '' }, undefined],
      [{ thingId: "1' OR '1'='1" }, undefined],
    ] as const) {
      const result = await callTool(client, 'readThing', args)
      assert.equal(result.isError, true, JSON.stringify(args))
      if (code !== undefined) assert.equal(problemOf(result), code, JSON.stringify(args))
    }
    assert.equal(gateway.upstream.seen.length, 0)
    await client.close()
  })

  test('a destructive call needs what a person approved, then what its caller may do', async () => {
    const plain = await connected(await gateway.token({ scope: 'things:read things:write' }))
    await assert.rejects(callTool(plain, 'writeThing', { thingId: '123', body: { name: 'x' } }))
    const approved = await connected(await gateway.token({ scope: 'things:write agent:approve' }))
    await assert.rejects(
      callTool(await connected(await gateway.token({ scope: 'agent:approve' })), 'writeThing', {
        thingId: '123',
        body: { name: 'x' },
      }),
    )
    assert.equal(gateway.upstream.seen.length, 0)
    const written = await callTool(approved, 'writeThing', { thingId: '123', body: { name: 'x' } })
    assert.equal(written.isError, false, written.content[0]?.text ?? '')
    assert.equal(gateway.upstream.seen[0]?.body, '{"name":"x"}')
    const removed = await callTool(approved, 'removeThing', { thingId: '123' })
    assert.equal(problemOf(removed), 'AUTHORIZE_FUNCTION')
    for (const body of [{ name: 1 }, { name: 'x', more: 1 }])
      assert.equal(
        problemOf(await callTool(approved, 'writeThing', { thingId: '123', body })),
        'INSPECT_SCHEMA',
      )
    assert.equal(gateway.upstream.seen.length, 1)
    await Promise.all([plain.close(), approved.close()])
  })
})

describe('around the calls', () => {
  test('without a token: 401, and where to get one', async () => {
    const response = await fetch(`${gateway.url}/mcp`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' }),
    })
    assert.equal(response.status, 401)
    const where =
      /resource_metadata="([^"]+)"/.exec(response.headers.get('www-authenticate') ?? '')?.[1] ?? ''
    assert.match(where, /\/\.well-known\/oauth-protected-resource\/mcp$/)
    const metadata = (await (await fetch(where)).json()) as Record<string, unknown>
    assert.deepEqual(metadata['authorization_servers'], ['https://id.example.test'])
    assert.deepEqual(metadata['scopes_supported'], ['agent:approve', 'things:read', 'things:write'])
  })

  test('a call and its message are on record, joined by the trace', async () => {
    const trace = '4bf92f3577b34da6a3ce929d0e0e4736'
    await send(
      'tools/call',
      { name: 'readThing', arguments: { thingId: '456' } },
      {
        traceparent: `00-${trace}-00f067aa0ba902b7-01`,
      },
    )
    const events = await eventsOf(trace)
    assert.deepEqual(
      events.map(({ api, operation, status, code }) => [api, operation, status, code]).sort(),
      [
        ['things', 'readThing', 403, 'AUTHORIZE_OBJECT'],
        ['things.mcp', 'mcp', 200, undefined],
      ].sort(),
    )
  })

  test('the revision of 2026: no handshake, nothing may be cached for others', async () => {
    const modern = { 'mcp-protocol-version': '2026-07-28' }
    const discovered = await send('server/discover', {}, { ...modern, 'mcp-method': 'server/discover' })
    assert.deepEqual(discovered.result?.['supportedVersions'], ['2026-07-28', '2025-11-25', '2025-06-18'])
    const listed = await send('tools/list', {}, { ...modern, 'mcp-method': 'tools/list' })
    assert.equal(listed.result?.['resultType'], 'complete')
    assert.equal(listed.result?.['ttlMs'], 0)
    assert.equal(listed.result?.['cacheScope'], 'private')
    const called = await send(
      'tools/call',
      { name: 'readThing', arguments: { thingId: '123' } },
      { ...modern, 'mcp-method': 'tools/call', 'mcp-name': 'readThing' },
    )
    assert.equal(called.result?.['isError'], false)
    const lied = await send(
      'tools/call',
      { name: 'readThing', arguments: { thingId: '123' } },
      { ...modern, 'mcp-method': 'tools/call', 'mcp-name': 'readText' },
    )
    assert.equal(lied.error?.code, -32020)
    assert.equal((await send('resources/list', {})).error?.code, -32601)
    assert.equal((await send('tools/call', { name: 'upload', arguments: {} })).error?.code, -32602)
  })

  test('no stream of the server, no session', async () => {
    for (const method of ['GET', 'DELETE']) {
      const response = await fetch(`${gateway.url}/mcp`, {
        method,
        headers: { authorization: `Bearer ${token}`, accept: 'text/event-stream' },
      })
      assert.equal(response.status, 405)
      await response.body?.cancel()
    }
  })
})

interface Message {
  readonly result?: Record<string, unknown>
  readonly error?: { readonly code: number }
}
async function send(method: string, params: object, headers: Record<string, string> = {}): Promise<Message> {
  const response = await fetch(`${gateway.url}/mcp`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...headers,
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  })
  return (await response.json()) as Message
}
async function eventsOf(traceId: string): Promise<Record<string, unknown>[]> {
  for (let i = 0; ; i++) {
    const response = await fetch(`${gateway.adminUrl}/api/v1/events?limit=200`)
    const { events } = (await response.json()) as { events: Record<string, unknown>[] }
    const found = events.filter((event) => event['traceId'] === traceId)
    if (found.length >= 2 || i > 50) return found
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}
