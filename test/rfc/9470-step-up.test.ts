import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Principal } from '../../src/kernel/principal.ts'
import { type Denial, isDenied } from '../../src/kernel/verdict.ts'
import type { StepUpRule } from '../../src/stages/identify/step-up.ts'
import { createMemoryReplayStore } from '../../src/stores/memory/replay-store.ts'
import { startGateway } from '../flow/running-gateway.ts'
import { thingsContract } from '../flow/things-contract.ts'
import { createProver } from './dpop-fixture.ts'
import {
  challengesOf,
  createSigner,
  type GateOptions,
  goodClaims,
  issuerOf,
  openGate,
  outcomeOf,
} from './token-fixture.ts'

const signer = await createSigner('ES256')
const now = (): number => Math.floor(Date.now() / 1000)

function open(
  rules: readonly Omit<StepUpRule, 'operations'>[],
  options: GateOptions = {},
): ReturnType<typeof openGate> {
  const stepUp = rules.map((rule) => ({ ...rule, operations: [0] }))
  return openGate([issuerOf([signer])], { ...options, api: { stepUp } })
}

function send(
  rules: readonly Omit<StepUpRule, 'operations'>[],
  claims: Record<string, unknown>,
): Promise<Principal | Denial> {
  return open(rules).bearer(signer.token(goodClaims(claims)))
}

test('R12: auth_time that is too old, missing or no time', async () => {
  const rules = [{ maxAge: 300 }]
  for (const age of [0, 1, 299]) assert.equal(outcomeOf(await send(rules, { auth_time: now() - age })), '123')
  // A clock that is a little ahead of ours.
  assert.equal(outcomeOf(await send(rules, { auth_time: now() + 10 })), '123')
  for (const auth_time of [now() - 302, 0, undefined, String(now()), null, now() + 3600, [now()], -1]) {
    const result = await send(rules, { auth_time })
    assert.equal(outcomeOf(result), 'IDENTIFY_STEP_UP', String(auth_time))
    assert.deepEqual(challengesOf(result), ['Bearer error="insufficient_user_authentication", max_age="300"'])
  }
})

test('R12: acr must be one of those asked for', async () => {
  const rules = [{ acr: ['urn:strong', 'urn:middle'] }]
  for (const acr of rules[0]?.acr ?? []) assert.equal(outcomeOf(await send(rules, { acr })), '123')
  for (const acr of ['urn:weak', '', undefined, 2, ['urn:strong'], 'urn:strong urn:middle', 'URN:STRONG']) {
    const result = await send(rules, { acr })
    assert.equal(outcomeOf(result), 'IDENTIFY_STEP_UP')
    assert.deepEqual(challengesOf(result), [
      'Bearer error="insufficient_user_authentication", acr_values="urn:strong urn:middle"',
    ])
  }
})

test('R12: amr must hold all methods', async () => {
  const rules = [{ amr: ['otp', 'hwk'] }]
  assert.equal(outcomeOf(await send(rules, { amr: ['pwd', 'hwk', 'otp'] })), '123')
  for (const amr of [['otp'], ['hwk', 'pwd'], [], undefined])
    assert.equal(outcomeOf(await send(rules, { amr })), 'IDENTIFY_STEP_UP')
})

test('R12: several rules must all hold; the one that does not is told', async () => {
  const rules = [{ maxAge: 300, acr: ['a'] }, { maxAge: 60 }]
  assert.equal(outcomeOf(await send(rules, { acr: 'a', auth_time: now() - 10 })), '123')
  const late = await send(rules, { acr: 'a', auth_time: now() - 100 })
  assert.deepEqual(challengesOf(late), ['Bearer error="insufficient_user_authentication", max_age="60"'])
  const weak = await send(rules, { acr: 'b', auth_time: now() - 10 })
  assert.deepEqual(challengesOf(weak), [
    'Bearer error="insufficient_user_authentication", acr_values="a", max_age="300"',
  ])
})

test('R12: values stay inside the quotes', async () => {
  const result = await send([{ acr: ['a"b', 'c\\d', 'e f', 'good', 'ü'] }], { acr: 'x' })
  assert.deepEqual(challengesOf(result), [
    'Bearer error="insufficient_user_authentication", acr_values="good"',
  ])
})

test('R12: a token that is bad anyway says nothing of step-up', async () => {
  assert.equal(
    outcomeOf(await send([{ maxAge: 300 }], { auth_time: now(), exp: 1 })),
    'IDENTIFY_TOKEN_EXPIRED',
  )
  assert.equal(outcomeOf(await open([{ maxAge: 300 }]).present(undefined)), 'IDENTIFY_REQUIRED')
})

test('R12: nobody has authenticated recently: a rule closes an open operation', async () => {
  for (const security of [[], [[{ scheme: 'bearerAuth', scopes: [] }], []]]) {
    const result = await open([{ maxAge: 300 }], { security }).present(undefined)
    assert.equal(outcomeOf(result), 'IDENTIFY_REQUIRED')
  }
})

test('R12: the challenge is of the scheme that was used', async () => {
  const prover = createProver()
  const gate = open([{ maxAge: 300 }], { stage: { replays: createMemoryReplayStore({ capacity: 64 }) } })
  const token = signer.token(goodClaims({ cnf: { jkt: prover.thumbprint } }))
  const { Fields } = await import('../../src/kernel/fields.ts')
  const fields = new Fields(['authorization', `DPoP ${token}`, 'dpop', prover.proof(token)])
  const result = await gate.present(undefined, { fields })
  assert.ok(isDenied(result))
  const [bearer, dpop] = challengesOf(result)
  assert.equal(bearer, 'Bearer')
  assert.match(dpop ?? '', /^DPoP error="insufficient_user_authentication", max_age="300", algs="/)
})

test('R12: as it is configured, over a socket', async () => {
  const gateway = await startGateway({
    contract: thingsContract,
    api: '    authentication: [{ for: removeThing, maxAge: 5min, acr: [urn:strong] }]',
  })
  try {
    gateway.upstream.answer = (_request, response) => {
      response.statusCode = 204
      response.end()
    }
    const send = async (method: string, claims: Record<string, unknown>): Promise<Response> =>
      fetch(`${gateway.url}/things/1`, {
        method,
        headers: { authorization: `Bearer ${await gateway.token(claims)}` },
      })
    const strong = { acr: 'urn:strong', auth_time: now() - 5 }
    assert.equal((await send('DELETE', strong)).status, 204)
    const seen = gateway.upstream.seen.length
    const refused = await send('DELETE', { ...strong, auth_time: now() - 400 })
    assert.equal(refused.status, 401)
    assert.equal(((await refused.json()) as { code: string }).code, 'IDENTIFY_STEP_UP')
    assert.match(
      refused.headers.get('www-authenticate') ?? '',
      /^Bearer realm="things", error="insufficient_user_authentication", acr_values="urn:strong", max_age="300", resource_metadata="http:/,
    )
    assert.equal(gateway.upstream.seen.length, seen)
  } finally {
    await gateway.close()
  }
})
