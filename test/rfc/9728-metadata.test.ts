import assert from 'node:assert/strict'
import { request } from 'node:http'
import { after, before, test } from 'node:test'
import { audience, issuerUrl, type RunningGateway, startGateway } from '../flow/running-gateway.ts'
import { thingsContract } from '../flow/things-contract.ts'

const wellKnown = '/.well-known/oauth-protected-resource'

/** A request with exactly this Host. */
function ask(
  gateway: RunningGateway,
  path: string,
  headers: Record<string, string> = {},
  method = 'GET',
): Promise<{ status: number; type: string | undefined; challenge: string | undefined; body: string }> {
  return new Promise((resolve, reject) => {
    request(`${gateway.url}${path}`, { method, headers, agent: false }, (reply) => {
      let body = ''
      reply.on('data', (chunk) => {
        body += String(chunk)
      })
      reply.on('end', () =>
        resolve({
          status: reply.statusCode ?? 0,
          type: reply.headers['content-type'],
          challenge: reply.headers['www-authenticate'],
          body,
        }),
      )
    })
      .on('error', reject)
      .end()
  })
}

async function documentAt(
  gateway: RunningGateway,
  path: string,
  headers?: Record<string, string>,
): Promise<Record<string, unknown>> {
  const { status, type, body } = await ask(gateway, path, headers)
  assert.equal(status, 200)
  assert.equal(type, 'application/json')
  return JSON.parse(body) as Record<string, unknown>
}

let plain: RunningGateway
before(async () => {
  plain = await startGateway({ contract: thingsContract })
})
after(() => plain.close())

test('R13: the document says who the API is and who vouches for its callers', async () => {
  assert.deepEqual(await documentAt(plain, wellKnown), {
    resource: audience,
    authorization_servers: [issuerUrl],
    scopes_supported: ['things:read', 'things:write'],
    bearer_methods_supported: ['header'],
    dpop_signing_alg_values_supported: ['ES256', 'ES384', 'EdDSA', 'Ed25519', 'PS256'],
  })
})

test('R13: a HEAD works, other methods and paths are no document', async () => {
  assert.equal((await ask(plain, wellKnown, {}, 'HEAD')).status, 200)
  assert.equal((await ask(plain, wellKnown, {}, 'POST')).status, 404)
  assert.equal((await ask(plain, `${wellKnown}/nothing`)).status, 404)
  assert.equal((await ask(plain, `${wellKnown}s`)).status, 404)
})

test('R01: every 401 names the document, at the authority that was asked, and it is there', async () => {
  const { challenge = '' } = await ask(plain, '/things/1')
  assert.match(
    challenge,
    /^Bearer realm="things", resource_metadata="[^"]+", DPoP realm="things", algs="[^"]+", resource_metadata="[^"]+"$/,
  )
  assert.ok(!challenge.includes('error='))
  const [, url = ''] = /resource_metadata="([^"]+)"/.exec(challenge) ?? []
  assert.equal(url, `${plain.url}${wellKnown}`)
  assert.equal((await fetch(url)).status, 200)
})

test('R02: an error is told with it; a challenge never leaves the allowed characters', async () => {
  const bad = await ask(plain, '/things/1', { authorization: 'Bearer x', host: 'any.example' })
  assert.match(
    bad.challenge ?? '',
    /^Bearer realm="things", error="invalid_token", resource_metadata="http:\/\/any\.example\//,
  )
  for (const host of ['a"b', 'a\\b', 'a b', 'a<b', "a'b"]) {
    const answer = await ask(plain, '/things/1', { host })
    assert.equal(answer.status, 400)
    assert.equal(answer.challenge, undefined)
  }
})

test('forwarded hosts have no say in it', async () => {
  const headers = {
    'x-forwarded-host': 'evil.example',
    forwarded: 'host=evil.example',
    'x-forwarded-proto': 'https',
  }
  const { challenge = '' } = await ask(plain, '/things/1', headers)
  assert.ok(challenge.includes(`resource_metadata="${plain.url}${wellKnown}"`))
})

test('R13: with a configured URL the Host counts for nothing', async () => {
  const gateway = await startGateway({
    contract: thingsContract,
    api: `    basePath: /inner
    url: https://API.travel.example/v1/`,
  })
  try {
    const { challenge = '' } = await ask(gateway, '/inner/things/1', { host: 'evil.example' })
    const url = `https://api.travel.example${wellKnown}/v1`
    assert.ok(challenge.includes(`resource_metadata="${url}"`), challenge)
    assert.ok(!challenge.includes('evil'))
    for (const path of [wellKnown, `${wellKnown}/`, `${wellKnown}/v1`, `${wellKnown}/inner`])
      assert.equal((await documentAt(gateway, path, { host: 'evil.example' }))['resource'], audience)
  } finally {
    await gateway.close()
  }
})

test('R13: a written identifier is the resource, and its path is where the document is', async () => {
  const gateway = await startGateway({
    contract: thingsContract,
    api: '    resource: https://api.travel.example/things',
    issuer: 'dpop: required',
  })
  try {
    const found = await documentAt(gateway, `${wellKnown}/things`)
    assert.equal(found['resource'], 'https://api.travel.example/things')
    assert.equal(found['dpop_bound_access_tokens_required'], true)
    const { challenge = '' } = await ask(gateway, '/things/1')
    assert.match(challenge, /^DPoP realm="things", algs="/)
    const bare = await ask(gateway, '/things/1', { authorization: `Bearer ${await gateway.token()}` })
    assert.equal(bare.status, 401)
  } finally {
    await gateway.close()
  }
})

test('R13: two APIs on one listener: each has its own, by host', async () => {
  const gateway = await startGateway({
    contract: thingsContract,
    api: `    host: one.example
  other:
    contract: contract.yaml
    upstream: http://127.0.0.1:9
    host: two.example
    resource: https://two.example/other`,
  })
  try {
    const one = await documentAt(gateway, wellKnown, { host: 'one.example' })
    const two = await documentAt(gateway, wellKnown, { host: 'two.example:99' })
    assert.equal(one['resource'], audience)
    assert.equal(two['resource'], 'https://two.example/other')
    assert.equal((await ask(gateway, wellKnown, { host: 'three.example' })).status, 421)
  } finally {
    await gateway.close()
  }
})
