import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { type RunningGateway, startGateway } from './running-gateway.ts'
import { thingsContract } from './things-contract.ts'

/** Every row of the public contract's table that this version covers, over a real socket. */

let gateway: RunningGateway
let token: string

before(async () => {
  gateway = await startGateway({
    contract: thingsContract,
    api: `    functions: [{ for: 'tag:admin', allow: "'admin' in caller.roles" }]
    objects: { profile: { id: path.userId, owner: path.userId } }
    limits: [{ for: limited, per: ip, rate: 2/min }]
    bounds: { requestBody: 1KiB }`,
  })
  token = await gateway.token()
})
after(() => gateway.close())
beforeEach(() => {
  gateway.upstream.seen.length = 0
})

interface Case {
  readonly name: string
  readonly path: string
  readonly method?: string
  readonly headers?: Record<string, string>
  readonly body?: string
  /** Without one the usual token is sent; `null` sends none. */
  readonly token?: string | null
  readonly claims?: Record<string, unknown>
  readonly status: number
  readonly code: string
  readonly challenge?: RegExp
}

const json = { 'content-type': 'application/json' }

const cases: readonly Case[] = [
  { name: 'nothing declared at this path', path: '/nothing', status: 404, code: 'MATCH_NO_OPERATION' },
  { name: 'a final slash is another path', path: '/public/', status: 404, code: 'MATCH_NO_OPERATION' },
  { name: 'another case is another path', path: '/PUBLIC', status: 404, code: 'MATCH_NO_OPERATION' },
  { name: 'not with this method', path: '/public', method: 'POST', status: 405, code: 'MATCH_METHOD' },
  { name: 'encoded slash', path: '/things/a%2fb', status: 400, code: 'LISTEN_PATH_AMBIGUOUS' },
  { name: 'double encoding', path: '/things/%252e%252e', status: 400, code: 'LISTEN_PATH_AMBIGUOUS' },
  {
    name: 'query that does not decode',
    path: '/things/1?limit=%zz',
    status: 400,
    code: 'LISTEN_QUERY_AMBIGUOUS',
  },
  {
    name: 'target too long',
    path: `/things/${'a'.repeat(9000)}`,
    status: 414,
    code: 'LISTEN_TARGET_TOO_LONG',
  },
  {
    name: 'headers too large',
    path: '/public',
    headers: { 'x-big': 'a'.repeat(20_000) },
    status: 431,
    code: 'LISTEN_HEADERS_TOO_LARGE',
  },
  {
    name: 'no credential',
    path: '/things/1',
    token: null,
    status: 401,
    code: 'IDENTIFY_REQUIRED',
    challenge: /^Bearer(?!.*error)/,
  },
  {
    name: 'no token at all',
    path: '/things/1',
    token: 'nonsense',
    status: 401,
    code: 'IDENTIFY_TOKEN_INVALID',
    challenge: /error="invalid_token"/,
  },
  {
    name: 'expired',
    path: '/things/1',
    claims: { exp: 1_000_000_000 },
    status: 401,
    code: 'IDENTIFY_TOKEN_EXPIRED',
    challenge: /error="invalid_token"/,
  },
  {
    name: 'another audience',
    path: '/things/1',
    claims: { aud: 'https://other.test' },
    status: 401,
    code: 'IDENTIFY_TOKEN_INVALID',
    challenge: /error="invalid_token"/,
  },
  {
    name: 'scope missing',
    path: '/things/1',
    method: 'PUT',
    headers: json,
    body: '{"name":"a"}',
    claims: { scope: 'things:read' },
    status: 403,
    code: 'AUTHORIZE_SCOPE',
    challenge: /error="insufficient_scope".*scope="things:write"/,
  },
  { name: 'function refused', path: '/things/1', method: 'DELETE', status: 403, code: 'AUTHORIZE_FUNCTION' },
  { name: 'object of another', path: '/users/456/profile', status: 403, code: 'AUTHORIZE_OBJECT' },
  { name: 'object look-alike', path: '/users/0123/profile', status: 403, code: 'AUTHORIZE_OBJECT' },
  {
    name: 'body too large',
    path: '/things/1',
    method: 'PUT',
    headers: json,
    body: `{"name":"${'a'.repeat(2000)}"}`,
    status: 413,
    code: 'INSPECT_BODY_TOO_LARGE',
  },
  {
    name: 'wrong media type',
    path: '/things/1',
    method: 'PUT',
    headers: { 'content-type': 'text/plain' },
    body: '{"name":"a"}',
    status: 415,
    code: 'INSPECT_MEDIA_TYPE',
  },
  {
    name: 'media type with a stray semicolon',
    path: '/things/1',
    method: 'PUT',
    headers: { 'content-type': 'application/json;' },
    body: '{"name":"a"}',
    status: 415,
    code: 'INSPECT_MEDIA_TYPE',
  },
  {
    name: 'another charset',
    path: '/things/1',
    method: 'PUT',
    headers: { 'content-type': 'application/json; charset=utf-16' },
    body: '{"name":"a"}',
    status: 415,
    code: 'INSPECT_MEDIA_TYPE',
  },
  {
    name: 'unknown content coding',
    path: '/things/1',
    method: 'PUT',
    headers: { ...json, 'content-encoding': 'gzip, gzip' },
    body: '{"name":"a"}',
    status: 415,
    code: 'INSPECT_CONTENT_CODING',
  },
  {
    name: 'not the schema',
    path: '/things/1',
    method: 'PUT',
    headers: json,
    body: '{"name":5}',
    status: 400,
    code: 'INSPECT_SCHEMA',
  },
  {
    name: 'undeclared property',
    path: '/things/1',
    method: 'PUT',
    headers: json,
    body: '{"name":"a","admin":true}',
    status: 400,
    code: 'INSPECT_SCHEMA',
  },
  {
    name: 'body missing',
    path: '/things/1',
    method: 'PUT',
    headers: json,
    status: 400,
    code: 'INSPECT_SCHEMA',
  },
  {
    name: 'duplicate key',
    path: '/things/1',
    method: 'PUT',
    headers: json,
    body: '{"name":"a","name":"b"}',
    status: 400,
    code: 'INSPECT_JSON',
  },
  {
    name: 'prototype key',
    path: '/things/1',
    method: 'PUT',
    headers: json,
    body: '{"name":"a","__proto__":{}}',
    status: 400,
    code: 'INSPECT_JSON',
  },
  {
    name: 'body where none is declared',
    path: '/things/1',
    method: 'DELETE',
    claims: { roles: ['admin'] },
    headers: json,
    body: '{}',
    status: 400,
    code: 'INSPECT_SCHEMA',
  },
  { name: 'undeclared query parameter', path: '/things/1?debug=1', status: 400, code: 'INSPECT_SCHEMA' },
  { name: 'parameter that is no integer', path: '/things/1?limit=1e1', status: 400, code: 'INSPECT_SCHEMA' },
  { name: 'repeated parameter', path: '/things/1?limit=1&limit=2', status: 400, code: 'INSPECT_SCHEMA' },
  {
    name: 'form that is not the schema',
    path: '/form',
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: 'age=old',
    status: 400,
    code: 'INSPECT_SCHEMA',
  },
  {
    name: 'unknown host method trick',
    path: '/public',
    method: 'POST',
    headers: { 'x-http-method-override': 'GET' },
    status: 405,
    code: 'MATCH_METHOD',
  },
]

for (const one of cases)
  test(`${one.name}: ${one.status} ${one.code}`, async () => {
    const bearer = one.claims === undefined ? one.token : await gateway.token(one.claims)
    const response = await fetch(gateway.url + one.path, {
      method: one.method ?? 'GET',
      headers: { ...(bearer === null ? {} : { authorization: `Bearer ${bearer ?? token}` }), ...one.headers },
      ...(one.body !== undefined && { body: one.body }),
    })
    const text = await response.text()
    assert.equal(response.status, one.status, text)
    assert.equal(response.headers.get('content-type'), 'application/problem+json')
    const problem = JSON.parse(text) as Record<string, unknown>
    assert.equal(problem['code'], one.code)
    assert.equal(problem['status'], one.status)
    assert.equal(problem['instance'], response.headers.get('x-request-id'))
    if (one.challenge !== undefined)
      assert.match(response.headers.get('www-authenticate') ?? '', one.challenge)
    if (one.code === 'INSPECT_SCHEMA') assert.ok(Array.isArray(problem['errors']))
    if (one.status === 405) assert.match(response.headers.get('allow') ?? '', /GET/)
    assert.equal(response.headers.get('x-content-type-options'), 'nosniff')
    assert.equal(response.headers.get('cache-control'), 'no-store')
    assert.equal(gateway.upstream.seen.length, 0, 'the upstream saw a refused call')
  })

test('over a rate: 429 with Retry-After, RateLimit and the violated policy', async () => {
  const first = await fetch(`${gateway.url}/limited`)
  assert.equal(first.status, 200)
  assert.match(first.headers.get('ratelimit-policy') ?? '', /^"limited";q=2;w=60/)
  assert.match(first.headers.get('ratelimit') ?? '', /^"limited";r=1;t=\d+/)
  await fetch(`${gateway.url}/limited`)
  const over = await fetch(`${gateway.url}/limited`)
  assert.equal(over.status, 429)
  const problem = (await over.json()) as Record<string, unknown>
  assert.equal(problem['code'], 'LIMIT_RATE')
  assert.equal(problem['type'], 'https://iana.org/assignments/http-problem-types#quota-exceeded')
  assert.deepEqual(problem['violated-policies'], ['limited'])
  assert.ok(Number(over.headers.get('retry-after')) >= 1)
  assert.equal(gateway.upstream.seen.length, 2)
})

test('refusals are on record with the reason that the caller did not get', async () => {
  const response = await fetch(`${gateway.url}/users/456/profile`, {
    headers: { authorization: `Bearer ${token}` },
  })
  const id = response.headers.get('x-request-id')
  const deadline = Date.now() + 5_000
  let event: Record<string, unknown> | undefined
  while (event === undefined && Date.now() < deadline) {
    const page = (await (await fetch(`${gateway.adminUrl}/api/v1/events?id=${id}`)).json()) as {
      events: Record<string, unknown>[]
    }
    event = page.events[0]
    if (event === undefined) await new Promise((resolve) => setTimeout(resolve, 50))
  }
  assert.equal(event?.['code'], 'AUTHORIZE_OBJECT')
  assert.equal(event?.['sub'], '123')
  assert.equal(event?.['operation'], 'readProfile')
  assert.deepEqual(event?.['objects'], [{ type: 'profile', id: '456' }])
  assert.ok(typeof event?.['reason'] === 'string' && event['reason'] !== '')
})
