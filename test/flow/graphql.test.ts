import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type RunningGateway, startGateway } from './running-gateway.ts'

const contract = `openapi: 3.1.0
info: { title: Graph, version: "1" }
paths:
  /graphql:
    x-note: one endpoint for everything
    get:
      security: []
      x-sallyport: { graphql: true }
      parameters:
        - { name: query, in: query, schema: { type: string } }
        - { name: variables, in: query, schema: { type: string } }
      responses: { "200": { description: fine } }
    post:
      security: []
      x-sallyport: { graphql: true }
      requestBody:
        required: true
        content:
          application/json: { schema: { } }
          application/graphql: { schema: { type: string } }
      responses: { "200": { description: fine } }
  /plain:
    post:
      security: []
      requestBody:
        content: { application/json: { schema: {} } }
      responses: { "200": { description: fine } }
`

describe('GraphQL', () => {
  let gateway: RunningGateway
  before(async () => {
    gateway = await startGateway({
      contract,
      api: `    controls: { response-schema: off }
    graphql: { depth: 5, aliases: 3, cost: 200, batch: 2 }`,
    })
  })
  after(() => gateway.close())

  const post = (body: unknown, path = '/graphql'): Promise<Response> =>
    fetch(`${gateway.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  const codeOf = async (reply: Response): Promise<unknown> =>
    ((await reply.json()) as Record<string, unknown>)['code']

  it('an honest request passes as it is', async () => {
    const body = {
      query: 'query Q($id: ID!, $n: Int) { trip(id: $id) { name stops(first: $n) { city } } }',
      variables: { id: '7', n: 10 },
      operationName: 'Q',
    }
    assert.equal((await post(body)).status, 200)
    assert.equal(gateway.upstream.seen.at(-1)?.body, JSON.stringify(body))
    assert.equal((await post([{ query: '{ a }' }, { query: '{ b }' }])).status, 200)
  })

  it('what asks for too much, or for the schema, does not', async () => {
    const seen = gateway.upstream.seen.length
    for (const query of [
      '{ a { b { c { d { e { f } } } } } }',
      '{ a: x b: x c: x d: x }',
      '{ trips(first: 1000) { name } }',
      '{ __schema { types { name } } }',
      'query IntrospectionQuery { ...f } fragment f on Query { __type(name: "User") { name } }',
      '{ ...f } fragment f on A { ...f }',
      '{ not closed',
      'schema { query: Q }',
    ]) {
      const reply = await post({ query })
      assert.equal(reply.status, 400, query)
      assert.equal(await codeOf(reply), 'INSPECT_GRAPHQL', query)
    }
    assert.equal(
      await codeOf(await post([{ query: '{a}' }, { query: '{a}' }, { query: '{a}' }])),
      'INSPECT_GRAPHQL',
    )
    assert.equal(
      await codeOf(await post({ extensions: { persistedQuery: { version: 1 } } })),
      'INSPECT_GRAPHQL',
    )
    assert.equal(gateway.upstream.seen.length, seen)
  })

  it('variables and strings are free text', async () => {
    const attack = "x' union select card from users--"
    const variables = await post({ query: 'query($a: String) { a(a: $a) }', variables: { a: attack } })
    assert.equal(await codeOf(variables), 'INSPECT_INJECTION')
    const literal = await post({ query: `{ a(a: ${JSON.stringify(attack)}) }` })
    assert.equal(await codeOf(literal), 'INSPECT_INJECTION')
    // The same words in a document are a name and no text.
    assert.equal((await post({ query: '{ select(from: 1) { union or } }' })).status, 200)
  })

  it('also as application/graphql, and in the query of a GET', async () => {
    const document = (text: string): Promise<Response> =>
      fetch(`${gateway.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/graphql' },
        body: text,
      })
    assert.equal((await document('{ trip(id: "7") { name } }')).status, 200)
    assert.equal(await codeOf(await document('{ __schema { types { name } } }')), 'INSPECT_GRAPHQL')
    const get = (query: string): Promise<Response> =>
      fetch(`${gateway.url}/graphql?query=${encodeURIComponent(query)}`)
    assert.equal((await get('{ trip(id: 7) { name } }')).status, 200)
    assert.equal(await codeOf(await get('{ a: x b: x c: x d: x }')), 'INSPECT_GRAPHQL')
  })

  it('other operations are not GraphQL', async () => {
    assert.equal((await post({ query: 'what is this' }, '/plain')).status, 200)
  })
})
