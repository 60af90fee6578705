import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { compilePolicy } from '../../src/app/policy/compile-policy.ts'
import type { Policy } from '../../src/app/policy/policy.ts'
import { parseConfig } from '../../src/config/load-config.ts'
import { Unusable } from '../../src/kernel/finding.ts'
import { type RunningGateway, startGateway } from '../flow/running-gateway.ts'

// contract.md: the same rules may be written in the contract itself as `x-sallyport`, and sallyport.yaml wins over it.

const contract = `openapi: 3.1.0
info: { title: Things, version: '1' }
security: [{ bearer: [] }]
paths:
  /users/{userId}:
    parameters:
      - name: userId
        in: path
        required: true
        schema: { type: string }
        x-sallyport: { object: profile, owner: path.userId }
    get: { operationId: readUser, responses: { '200': { description: one, content: { application/json: { schema: { $ref: '#/components/schemas/User' } } } } } }
    patch:
      operationId: changeUser
      requestBody: { content: { application/json: { schema: { $ref: '#/components/schemas/User' } } } }
      responses: { '200': { description: one, content: { application/json: { schema: { $ref: '#/components/schemas/User' } } } } }
  /orders:
    get: { operationId: listOrders, responses: { '200': { description: all, content: { application/json: { schema: { type: array, items: { $ref: '#/components/schemas/Order' } } } } } } }
  /orders/{id}:
    parameters: [{ name: id, in: path, required: true, schema: { type: string } }]
    get: { operationId: readOrder, responses: { '200': { description: one, content: { application/json: { schema: { $ref: '#/components/schemas/Order' } } } } } }
  /teams/{id}:
    parameters: [{ $ref: '#/components/parameters/TeamId' }]
    get: { operationId: readTeam, responses: { '200': { description: one, content: { application/json: { schema: { type: object } } } } } }
  /reports:
    get:
      operationId: readReports
      x-sallyport:
        allow: "'admin' in caller.roles"
        limits: { per: caller, rate: 3/min }
      responses: { '200': { description: all, content: { application/json: { schema: { type: object } } } } }
  /transfer:
    post:
      operationId: transfer
      x-sallyport:
        functions: [{ allow: "'teller' in caller.roles", mode: enforce }]
        objects: { account: { id: body.from, owner: body.from } }
      requestBody: { content: { application/json: { schema: { type: object, properties: { from: { type: string } } } } } }
      responses: { '200': { description: done, content: { application/json: { schema: { type: object } } } } }
components:
  securitySchemes: { bearer: { type: http, scheme: bearer } }
  parameters:
    TeamId: { name: id, in: path, required: true, schema: { type: string }, x-sallyport: { object: team, allow: "path.id == caller.claims.team" } }
  schemas:
    User:
      x-sallyport: { properties: { email: { read: "caller.sub == object.owner" } } }
      type: object
      properties:
        id: { type: string }
        email: { type: string }
        hash: { type: string, x-sallyport: { read: never } }
        role: { type: string, x-sallyport: { write: "'admin' in caller.roles" } }
    Order:
      allOf:
        - type: object
          required: [owner]
          properties:
            id: { type: string }
            owner: { type: string }
            margin: { type: number, x-sallyport: { read: "'admin' in caller.roles" } }
      x-sallyport: { objects: { order: { id: path.id, owner: response.owner, read: "GET /orders/{id}", hidden: 404 } } }
`

describe('rules in the contract are in force', () => {
  let gateway: RunningGateway
  before(async () => {
    // A path parameter of the same name is another object elsewhere, so the schema's rule says where it is meant.
    gateway = await startGateway({
      contract: contract
        .replace('hidden: 404', 'hidden: 404')
        .replaceAll('/orders/{id}', '/orders/{orderId}')
        .replace(
          '[{ name: id, in: path, required: true, schema: { type: string } }]',
          '[{ name: orderId, in: path, required: true, schema: { type: string } }]',
        )
        .replace('id: path.id, owner: response.owner', 'id: path.orderId, owner: response.owner'),
    })
    gateway.upstream.answer = (request, response) => {
      response.setHeader('content-type', 'application/json')
      const order = (owner: string) => ({ id: 'o', owner, margin: 7 })
      response.end(
        JSON.stringify(
          request.url.startsWith('/users')
            ? { id: request.url.slice(7), email: 'a@b.example', hash: 'x', role: 'user' }
            : request.url === '/orders'
              ? [order('123'), order('456')]
              : request.url.startsWith('/orders')
                ? order(request.url.endsWith('mine') ? '123' : '456')
                : {},
        ),
      )
    }
  })
  after(() => gateway.close())

  async function send(
    line: string,
    claims: Record<string, unknown> = {},
    body?: unknown,
  ): Promise<{ status: number; json: Record<string, unknown> }> {
    const [method = '', path = ''] = line.split(' ')
    const reply = await fetch(gateway.url + path, {
      method,
      headers: {
        authorization: `Bearer ${await gateway.token(claims)}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    return { status: reply.status, json: (await reply.json()) as Record<string, unknown> }
  }

  it('at a parameter: whose object it names', async () => {
    assert.equal((await send('GET /users/123')).status, 200)
    const foreign = await send('GET /users/456')
    assert.deepEqual([foreign.status, foreign.json['code']], [403, 'AUTHORIZE_OBJECT'])
  })
  it('at a shared parameter: only where it is used', async () => {
    assert.equal((await send('GET /teams/9', { team: '9' })).status, 200)
    assert.equal((await send('GET /teams/8', { team: '9' })).json['code'], 'AUTHORIZE_OBJECT')
  })
  it('at a property, and at a schema for its properties', async () => {
    assert.deepEqual((await send('GET /users/123')).json, { id: '123', email: 'a@b.example', role: 'user' })
    assert.equal((await send('PATCH /users/123', {}, { role: 'admin' })).json['code'], 'AUTHORIZE_PROPERTY')
    assert.equal((await send('PATCH /users/123', { roles: ['admin'] }, { role: 'admin' })).status, 200)
  })
  it('at a schema: whose objects of it are, in lists too', async () => {
    assert.deepEqual((await send('GET /orders')).json, [{ id: 'o', owner: '123' }])
    assert.deepEqual((await send('GET /orders/mine')).json, { id: 'o', owner: '123' })
    assert.deepEqual((await send('GET /orders/other')).json['code'], 'AUTHORIZE_NOT_FOUND')
    assert.deepEqual((await send('GET /orders/mine', { roles: ['admin'] })).json['margin'], 7)
  })
  it('at an operation: function, object and limit', async () => {
    assert.equal((await send('GET /reports')).json['code'], 'AUTHORIZE_FUNCTION')
    const admin = { sub: 'boss', roles: ['admin'] }
    for (let i = 0; i < 3; i++) assert.equal((await send('GET /reports', admin)).status, 200)
    assert.equal((await send('GET /reports', admin)).json['code'], 'LIMIT_RATE')
    const teller = { roles: ['teller'] }
    assert.equal((await send('POST /transfer', teller, { from: '123' })).status, 200)
    assert.equal((await send('POST /transfer', teller, { from: '456' })).json['code'], 'AUTHORIZE_OBJECT')
    assert.equal((await send('POST /transfer', {}, { from: '123' })).json['code'], 'AUTHORIZE_FUNCTION')
  })
})

const folder = mkdtempSync(join(tmpdir(), 'x-sallyport-'))
after(() => rmSync(folder, { recursive: true }))

async function policyOf(document: string, api = ''): Promise<Policy> {
  writeFileSync(join(folder, 'contract.yaml'), document)
  const text = `listen: [{ address: 127.0.0.1:0 }]
issuers: { main: { issuer: https://id.example, audience: api, algorithms: [ES256], keys: discovery } }
apis:
  things:
    contract: contract.yaml
    upstream: http://127.0.0.1:4000
${api}`
  return compilePolicy(parseConfig(text, join(folder, 'sallyport.yaml'), {}))
}

async function refusal(document: string, api = ''): Promise<string[]> {
  try {
    await policyOf(document, api)
  } catch (error) {
    assert.ok(error instanceof Unusable, String(error))
    return error.findings.map(
      ({ message, place }) => `${place?.file.split('/').at(-1)}:${place?.line} ${message}`,
    )
  }
  return []
}

const notes = (policy: Policy): string[] =>
  policy.findings.flatMap(({ rule, message, place }) =>
    rule === 'config.overrides-contract' ? [`${place?.line} ${message}`] : [],
  )

describe('sallyport.yaml wins over the contract', () => {
  it('an object type is its alone', async () => {
    const policy = await policyOf(
      contract,
      '    objects: { profile: { id: path.userId, learn: true }, order: { for: readOrder, id: path.id, allow: "true" } }',
    )
    const [api] = policy.apis
    const profile = api?.config.objects.filter(({ name }) => name === 'profile')
    assert.equal(profile?.length, 1)
    assert.equal(profile?.[0]?.owner, undefined)
    assert.deepEqual(notes(policy), [
      '11 the object "profile" is written twice: sallyport.yaml goes before the contract',
      `${contract.split('\n').findIndex((line) => line.includes('objects: { order')) + 1} the object "order" is written twice: sallyport.yaml goes before the contract`,
    ])
  })
  it('reading and writing of a property are two things', async () => {
    const policy = await policyOf(
      contract,
      `    objects: { order: { for: readOrder, id: path.id, allow: "true" } }
    properties: { User.hash: { read: "'admin' in caller.roles" }, User.role: { read: never }, User.id: { write: never } }`,
    )
    const rules = policy.apis[0]?.config.properties.map(({ name, read, write }) => [name, read, write])
    assert.deepEqual(rules, [
      ['User.hash', "'admin' in caller.roles", undefined],
      ['User.role', 'never', "'admin' in caller.roles"],
      ['User.id', undefined, 'never'],
      ['User.email', 'caller.sub == object.owner', undefined],
      ['Order.margin', "'admin' in caller.roles", undefined],
    ])
  })
  it('a rule that names the operation replaces, a wider one adds', async () => {
    const at = '    objects: { order: { for: readOrder, id: path.id, allow: "true" } }\n'
    const named = await policyOf(
      contract,
      `${at}    functions: [{ for: readReports, allow: "true" }]
    limits: [{ for: "GET /reports", per: ip, rate: 1/s }]`,
    )
    assert.equal(named.apis[0]?.config.functions.filter((rule) => rule.for[0] === 'readReports').length, 1)
    assert.equal(named.apis[0]?.config.limits.length, 1)
    const wide = await policyOf(
      contract,
      `${at}    functions: [{ for: "*", allow: "true" }]
    limits: [{ for: "/reports/**", per: ip, rate: 1/s }]`,
    )
    assert.equal(wide.apis[0]?.config.functions.length, 3)
    assert.equal(wide.apis[0]?.config.limits.length, 2)
  })
})

describe('what is wrong is told at its place in the contract', () => {
  const line = (text: string): number => contract.split('\n').findIndex((one) => one.includes(text)) + 1
  it('a bare id that means several objects', async () => {
    assert.match((await refusal(contract)).join(), /^$|path\.id/)
  })
  for (const [what, from, to, expected] of [
    [
      'an unknown key',
      'rate: 3/min }',
      'rate: 3/min, burts: 1 }',
      /unknown key `burts`, did you mean `burst`/,
    ],
    [
      'a selector, which the place says already',
      'allow: "\'admin\' in caller.roles"\n        limits',
      'functions: { for: "*", allow: "true" }\n        limits',
      /unknown key `for`/,
    ],
    ['an expression', 'allow: "path.id == caller', 'allow: "path.nope == caller', /nope/],
    ['a value', 'rate: 3/min', 'rate: often', /is not a rate/],
    [
      'a list where an object belongs',
      'x-sallyport: { read: never }',
      'x-sallyport: [read]',
      /must be an object/,
    ],
    [
      'a rule where none is read',
      "responses: { '200': { description: done,",
      "responses: { '200': { x-sallyport: { read: never }, description: done,",
      /not read here/,
    ],
    [
      'a credential',
      'object: profile, owner: path.userId',
      'object: profile, ask: { authzen: "https://pdp.example", token: abc }',
      /no place for a credential/,
    ],
    ['no rule at all', 'object: profile, owner: path.userId', 'object: profile, hidden: 404', /has no rule/],
  ] as const)
    it(what, async () => {
      const text = contract.replace(from, to)
      assert.notEqual(text, contract)
      const told = await refusal(
        text,
        '    objects: { order: { for: readOrder, id: path.id, allow: "true" } }',
      )
      assert.ok(told.length > 0)
      assert.match(told.join('\n'), expected)
      for (const one of told) assert.match(one, /^contract\.yaml:\d+ /)
      assert.ok(!told.join().includes('abc'))
    })
  it('names the line', async () => {
    const text = contract.replace('rate: 3/min', 'rate: often')
    const told = await refusal(text, '    objects: { order: { for: readOrder, id: path.id, allow: "true" } }')
    assert.deepEqual(told, [`contract.yaml:${line('limits: { per: caller')} \`often\` is not a rate`])
  })
})
