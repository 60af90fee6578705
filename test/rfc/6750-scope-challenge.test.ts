import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type RunningGateway, startGateway } from '../flow/running-gateway.ts'
import { thingsContract } from '../flow/things-contract.ts'
import { createProver, type Prover } from './dpop-fixture.ts'

const wellKnown = '/.well-known/oauth-protected-resource'

let gateway: RunningGateway
let bound: RunningGateway
let prover: Prover
before(async () => {
  gateway = await startGateway({ contract: thingsContract })
  bound = await startGateway({ contract: thingsContract, issuer: 'dpop: required' })
  prover = createProver()
})
after(async () => {
  await gateway?.close()
  await bound?.close()
})

async function refused(at: RunningGateway, scheme: 'Bearer' | 'DPoP'): Promise<string> {
  const cnf = scheme === 'DPoP' ? { cnf: { jkt: prover.thumbprint } } : {}
  const token = await at.token({ scope: 'things:read', ...cnf })
  const proof = prover.proof(token, {
    claims: { htm: 'PUT', htu: `${at.url}/things/1`, iat: Math.floor(Date.now() / 1000) },
  })
  const reply = await fetch(`${at.url}/things/1`, {
    method: 'PUT',
    headers: {
      authorization: `${scheme} ${token}`,
      'content-type': 'application/json',
      ...(scheme === 'DPoP' && { dpop: proof }),
    },
    body: '{"name":"a"}',
  })
  assert.equal(reply.status, 403)
  assert.equal(((await reply.json()) as { code: string }).code, 'AUTHORIZE_SCOPE')
  return reply.headers.get('www-authenticate') ?? ''
}

test('R02: too little scope: the scheme that was used, what it takes, and where the metadata are', async () => {
  assert.equal(
    await refused(gateway, 'Bearer'),
    `Bearer realm="things", error="insufficient_scope", scope="things:write", resource_metadata="${gateway.url}${wellKnown}"`,
  )
})

for (const [name, at] of [
  ['may send', () => gateway],
  ['must send', () => bound],
] as const)
  test(`R02: a caller who ${name} proofs is told in the scheme DPoP, not sent back to Bearer`, async () => {
    const challenge = await refused(at(), 'DPoP')
    assert.match(
      challenge,
      /^DPoP realm="things", error="insufficient_scope", scope="things:write", algs="ES256 [^"]+", resource_metadata="/,
    )
    assert.ok(!challenge.includes('Bearer'))
    assert.equal((await fetch(/resource_metadata="([^"]+)"/.exec(challenge)?.[1] ?? '')).status, 200)
  })
