import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { createLocalJWKSet, jwtVerify } from 'jose'
import { type RunningGateway, startGateway } from './running-gateway.ts'
import { thingsContract } from './things-contract.ts'

let gateway: RunningGateway
let authorization: string
before(async () => {
  gateway = await startGateway({
    contract: thingsContract,
    api: '    objects: { profile: { id: path.userId, owner: path.userId } }',
  })
  authorization = `Bearer ${await gateway.token()}`
})
after(() => gateway.close())
const usual = gateway_answer
beforeEach(() => {
  gateway.upstream.seen.length = 0
  gateway.upstream.answer = usual
})

function gateway_answer(_request: unknown, response: import('node:http').ServerResponse): void {
  response.setHeader('content-type', 'application/json')
  response.end('{"id":"1","name":"thing"}')
}

const call = (path: string, init: RequestInit = {}): Promise<Response> =>
  fetch(gateway.url + path, {
    ...init,
    headers: { authorization, ...(init.headers as Record<string, string>) },
  })

test('an allowed call reaches the upstream as it was judged, and its reply the caller', async () => {
  const response = await call('/things/%61b?limit=5&tag=x&tag=y')
  assert.equal(response.status, 200)
  assert.deepEqual(await response.json(), { id: '1', name: 'thing' })
  const [seen] = gateway.upstream.seen
  assert.equal(seen?.url, '/things/ab?limit=5&tag=x&tag=y')
  assert.equal(seen?.headers['authorization'], undefined)
  assert.equal(seen?.headers['x-request-id'], response.headers.get('x-request-id'))
  assert.match(String(seen?.headers['traceparent']), /^00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$/)
})

test('the upstream is told who calls, verifiably', async () => {
  await call('/users/123/profile')
  const assertion = String(gateway.upstream.seen[0]?.headers['sallyport-identity'])
  for (const base of [gateway.url, gateway.adminUrl]) {
    const jwks = (await (await fetch(`${base}/.well-known/sallyport/jwks.json`)).json()) as { keys: [] }
    const { payload } = await jwtVerify(assertion, createLocalJWKSet(jwks), { audience: 'things' })
    assert.equal(payload.sub, '123')
    assert.ok((payload.exp ?? 0) - (payload.iat ?? 0) <= 60)
  }
})

test('identity and forwarding fields of the caller never arrive', async () => {
  await call('/things/1', {
    headers: {
      'sallyport-identity': 'forged',
      'x-forwarded-for': '6.6.6.6',
      'x-real-ip': '6.6.6.6',
      forwarded: 'for=6.6.6.6',
      x_forwarded_for: '6.6.6.6',
      'x-original-url': '/admin',
    },
  })
  const seen = JSON.stringify(gateway.upstream.seen[0]?.rawHeaders)
  assert.doesNotMatch(seen, /forged|6\.6\.6\.6|x-original-url/i)
})

test('cookies of the gateway’s own pages never arrive, others do', async () => {
  await call('/things/1', { headers: { cookie: '__Host-sallyport=session; theme=dark; sallyport-device=d' } })
  assert.equal(gateway.upstream.seen[0]?.headers['cookie'], 'theme=dark')
})

test('the body arrives byte for byte', async () => {
  const body = '{ "name" : "é",\n"size":9007199254740993 }'
  const response = await call('/things/1', {
    method: 'PUT',
    body,
    headers: { 'content-type': 'application/json' },
  })
  assert.equal(response.status, 200)
  assert.equal(gateway.upstream.seen[0]?.body, body)
})

test('undeclared properties of a reply do not leave; big numbers stay exact', async () => {
  gateway.upstream.answer = (_request, response) => {
    response.setHeader('content-type', 'application/json')
    response.setHeader('server', 'Weak/1.0')
    response.setHeader('x-powered-by', 'Old')
    response.end('{"id":"1","passwordHash":"x","big":9007199254740993,"nested":{"a":1}}')
  }
  const response = await call('/things/1')
  assert.equal(await response.text(), '{"id":"1","big":9007199254740993}')
  assert.equal(response.headers.get('server'), null)
  assert.equal(response.headers.get('x-powered-by'), null)
  assert.equal(response.headers.get('cache-control'), 'no-store')
})

test('a stack trace does not leave', async () => {
  gateway.upstream.answer = (_request, response) => {
    response.statusCode = 500
    response.setHeader('content-type', 'text/html')
    response.end('<pre>Error: boom\n    at handler (/srv/app/index.js:1:2)</pre>')
  }
  const response = await call('/things/1')
  const text = await response.text()
  assert.equal(response.status, 500)
  assert.doesNotMatch(text, /boom|srv/)
  assert.equal(JSON.parse(text).instance, response.headers.get('x-request-id'))
})

test('HEAD is answered under GET’s rules, without a body', async () => {
  const response = await call('/things/1', { method: 'HEAD' })
  assert.equal(response.status, 200)
  assert.equal(await response.text(), '')
  const refused = await fetch(`${gateway.url}/things/1`, { method: 'HEAD' })
  assert.equal(refused.status, 401)
})

test('a streamed upload arrives whole', async () => {
  const body = Buffer.alloc(300_000, 'ab')
  const response = await call('/upload', {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/octet-stream' },
  })
  assert.equal(response.status, 200)
  assert.equal(gateway.upstream.seen[0]?.body.length, 300_000)
})

test('a form is typed by its schema and forwarded as it came', async () => {
  const response = await fetch(`${gateway.url}/form`, {
    method: 'POST',
    body: new URLSearchParams({ age: '7', name: 'a b' }),
  })
  assert.equal(response.status, 200)
  assert.equal(gateway.upstream.seen[0]?.body, 'age=7&name=a+b')
})

test('an unreachable upstream is a 502, a slow one a 504', async () => {
  gateway.upstream.answer = (_request, response) => {
    response.socket?.destroy()
  }
  const response = await call('/things/1', {
    method: 'PUT',
    body: '{"name":"a"}',
    headers: { 'content-type': 'application/json' },
  })
  assert.equal(response.status, 502)
  assert.match(((await response.json()) as { code: string }).code, /^FORWARD_/)
})
