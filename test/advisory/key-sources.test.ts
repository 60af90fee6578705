import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { Clock } from '../../src/kernel/clock.ts'
import type { IssuerOptions } from '../../src/stages/identify/options.ts'
import {
  createSigner,
  goodClaims,
  issuerOf,
  openGate,
  outcomeOf,
  type Signer,
  type TokenGate,
} from '../rfc/token-fixture.ts'
import { type KeyServer, startKeyServer, until } from './key-server.ts'

const invalid = 'IDENTIFY_TOKEN_INVALID'
const unavailable = 'IDENTIFY_KEYS_UNAVAILABLE'
const one = await createSigner('ES256', 'one')
const two = await createSigner('ES256', 'two')
const setOf = (...signers: Signer[]) => ({ keys: signers.map((signer) => signer.jwk) })

/** A clock that tests move; timers stay real, so background renewal is set short or long as needed. */
function movable(): Clock & { pass(ms: number): void } {
  let passed = 0
  return {
    now: () => Date.now() + passed,
    monotonic: () => performance.now() + passed,
    pass: (ms) => {
      passed += ms
    },
  }
}

function open(
  t: TestContext,
  server: KeyServer,
  over: Partial<IssuerOptions> = {},
  clock?: Clock,
): TokenGate {
  const gate = openGate(
    [issuerOf([one], { keys: { kind: 'jwks-url', url: `${server.url}/jwks` }, ...over })],
    clock === undefined ? {} : { clock },
  )
  t.after(() => gate.identify.close())
  return gate
}

const stranger = (kid: string): string => one.token(undefined, { alg: 'ES256', kid, typ: 'at+jwt' })

test('keys are fetched at start, once', async (t) => {
  const server = await startKeyServer(t)
  server.serve(setOf(one))
  const gate = open(t, server)
  await gate.identify.ready()
  for (let i = 0; i < 20; i++) assert.equal(outcomeOf(await gate.bearer(one.token())), '123')
  assert.deepEqual(server.asked, ['/jwks'])
  assert.equal(gate.identify.health()[0]?.keys, 1)
})

test('J05: calls before the first answer wait for the one fetch', async (t) => {
  const server = await startKeyServer(t)
  server.answer = (_request, response) => void setTimeout(() => response.end(JSON.stringify(setOf(one))), 50)
  const gate = open(t, server)
  const results = await Promise.all(Array.from({ length: 50 }, () => gate.bearer(one.token())))
  for (const result of results) assert.equal(outcomeOf(result), '123')
  assert.equal(server.asked.length, 1)
})

test('J05: ten thousand unknown kids cause one fetch a cool-down', async (t) => {
  const server = await startKeyServer(t)
  server.serve(setOf(one))
  const clock = movable()
  const gate = open(t, server, {}, clock)
  await gate.identify.ready()
  for (let i = 0; i < 5000; i++) assert.equal(outcomeOf(await gate.bearer(stranger(`x${i}`))), invalid)
  assert.equal(server.asked.length, 1, 'the cool-down since the start is not over')
  clock.pass(30_001)
  const storm = await Promise.all(Array.from({ length: 5000 }, (_, i) => gate.bearer(stranger(`y${i}`))))
  for (const result of storm) assert.equal(outcomeOf(result), invalid)
  assert.equal(server.asked.length, 2)
})

test('J05: a token whose alg is off the list hastens nothing', async (t) => {
  const server = await startKeyServer(t)
  server.serve(setOf(one))
  const clock = movable()
  const gate = open(t, server, {}, clock)
  await gate.identify.ready()
  clock.pass(30_001)
  const token = one.token(undefined, { alg: 'RS256', kid: 'new', typ: 'at+jwt' })
  assert.equal(outcomeOf(await gate.bearer(token)), invalid)
  assert.equal(server.asked.length, 1)
})

test('J16: a new kid works as soon as a token asks for it, after the cool-down', async (t) => {
  const server = await startKeyServer(t)
  server.serve(setOf(one))
  const clock = movable()
  const gate = open(t, server, {}, clock)
  await gate.identify.ready()
  server.serve(setOf(one, two))
  assert.equal(outcomeOf(await gate.bearer(two.token())), invalid)
  clock.pass(30_001)
  assert.equal(outcomeOf(await gate.bearer(two.token())), '123')
  assert.equal(outcomeOf(await gate.bearer(one.token())), '123')
})

test('J16: renewal in the background brings new keys and drops removed ones, cached tokens with them', async (t) => {
  const server = await startKeyServer(t)
  server.serve(setOf(one))
  const gate = open(t, server, { keysFreshMs: 20 })
  const token = one.token()
  assert.equal(outcomeOf(await gate.bearer(token)), '123')
  server.serve(setOf(two))
  await until(async () => outcomeOf(await gate.bearer(token)) === invalid)
  assert.equal(outcomeOf(await gate.bearer(two.token())), '123')
})

test('J16: an emptied key set is a withdrawal, not a failure', async (t) => {
  const server = await startKeyServer(t)
  server.serve(setOf(one))
  const gate = open(t, server, { keysFreshMs: 20 })
  const token = one.token()
  assert.equal(outcomeOf(await gate.bearer(token)), '123')
  server.serve({ keys: [] })
  await until(async () => outcomeOf(await gate.bearer(token)) === invalid)
})

test('J16: through an outage the last keys serve until they are stale, then 503', async (t) => {
  const server = await startKeyServer(t)
  server.serve(setOf(one))
  const clock = movable()
  const gate = open(t, server, { keysFreshMs: 20, keysStaleMs: 3_600_000 }, clock)
  await gate.identify.ready()
  server.fail(500)
  await until(() => gate.identify.health()[0]?.failing !== undefined)
  assert.equal(outcomeOf(await gate.bearer(one.token())), '123')
  clock.pass(3_599_000)
  assert.equal(outcomeOf(await gate.bearer(one.token(goodClaims({ jti: '2', exp: 9_999_999_999 })))), '123')
  clock.pass(60_000)
  const result = await gate.bearer(one.token(goodClaims({ jti: '3', exp: 9_999_999_999 })))
  assert.equal(outcomeOf(result), unavailable)
  assert.deepEqual('fields' in result && result.fields, ['retry-after', '5'])
  server.serve(setOf(one))
  clock.pass(6000)
  await until(
    async () => outcomeOf(await gate.bearer(one.token(goodClaims({ exp: 9_999_999_999 })))) === '123',
  )
})

test('J16: no key source, no caller', async (t) => {
  const server = await startKeyServer(t)
  const broken: Record<string, KeyServer['answer']> = {
    'not found': (_request, response) => response.writeHead(404).end(),
    redirect: (_request, response) => response.writeHead(302, { location: '/elsewhere' }).end(),
    'not JSON': (_request, response) => response.end('<html>'),
    'no key set': (_request, response) => response.end('{"jwks":[]}'),
    'a list': (_request, response) => response.end('[]'),
    'cut off': (request, response) => {
      response.writeHead(200, { 'content-length': '500' })
      response.write('{"keys":')
      setTimeout(() => request.socket.destroy(), 5)
    },
    'too large': (_request, response) => response.end(`{"pad":"${'x'.repeat(1_100_000)}"}`),
    'coded without asking': (_request, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(JSON.stringify(setOf(one))),
    'not UTF-8': (_request, response) => response.end(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d])),
  }
  for (const [name, answer] of Object.entries(broken)) {
    server.answer = answer
    const gate = open(t, server)
    await gate.identify.ready()
    assert.equal(outcomeOf(await gate.bearer(one.token())), unavailable, name)
    assert.notEqual(gate.identify.health()[0]?.failing, undefined, name)
  }
  assert.ok(!server.asked.includes('/elsewhere'), 'a redirect was followed')
})

test('J16: an unreachable source costs one attempt, not one a call', async (t) => {
  const server = await startKeyServer(t)
  server.fail(503)
  const gate = open(t, server)
  await gate.identify.ready()
  for (let i = 0; i < 200; i++) assert.equal(outcomeOf(await gate.bearer(one.token())), unavailable)
  assert.equal(server.asked.length, 1)
})

test('secrets in a published set are never keys', async (t) => {
  const server = await startKeyServer(t)
  server.serve({
    keys: [{ kty: 'oct', k: Buffer.alloc(32, 1).toString('base64url'), kid: 'one', alg: 'HS256' }],
  })
  const gate = open(t, server)
  await gate.identify.ready()
  assert.equal(gate.identify.health()[0]?.keys, 0)
  assert.deepEqual(gate.identify.health()[0]?.problems, ['algorithm not allowed'])
})

test('discovery: the document must name the issuer to the letter', async (t) => {
  const server = await startKeyServer(t)
  const answer =
    (issuer: string): KeyServer['answer'] =>
    (request, response) =>
      response.end(
        JSON.stringify(
          request.url === '/tenant/.well-known/openid-configuration'
            ? { issuer, jwks_uri: `${server.url}/tenant/keys` }
            : setOf(one),
        ),
      )
  const issuer = `${server.url}/tenant`
  const token = one.token(goodClaims({ iss: issuer }))
  server.answer = answer(issuer)
  const good = open(t, server, { issuer, keys: { kind: 'discovery' } })
  assert.equal(outcomeOf(await good.bearer(token)), '123')
  assert.deepEqual(server.asked, ['/tenant/.well-known/openid-configuration', '/tenant/keys'])
  for (const other of [
    `${issuer}/`,
    issuer.replace('127.0.0.1', 'localhost'),
    '',
    'https://id.travel.example',
  ]) {
    server.answer = answer(other)
    const bad = open(t, server, { issuer, keys: { kind: 'discovery' } })
    assert.equal(outcomeOf(await bad.bearer(token)), unavailable, other)
  }
})

test('discovery: RFC 8414 metadata where there is no OpenID Connect', async (t) => {
  const server = await startKeyServer(t)
  const issuer = `${server.url}/tenant`
  server.answer = (request, response) => {
    if (request.url === '/.well-known/oauth-authorization-server/tenant')
      response.end(JSON.stringify({ issuer, jwks_uri: `${server.url}/keys` }))
    else if (request.url === '/keys') response.end(JSON.stringify(setOf(one)))
    else response.writeHead(404).end()
  }
  const gate = open(t, server, { issuer, keys: { kind: 'discovery' } })
  assert.equal(outcomeOf(await gate.bearer(one.token(goodClaims({ iss: issuer })))), '123')
})

test('discovery: jwks_uri may not point inside', async (t) => {
  const server = await startKeyServer(t)
  const issuer = server.url
  for (const jwks of [
    'http://169.254.169.254/keys',
    'file:///etc/passwd',
    'http://[::ffff:10.0.0.1]/k',
    'http://10.1.1.1/',
  ]) {
    server.serve({ issuer, jwks_uri: jwks })
    const gate = open(t, server, { issuer, keys: { kind: 'discovery' } })
    assert.equal(outcomeOf(await gate.bearer(one.token(goodClaims({ iss: issuer })))), unavailable)
    assert.match(gate.identify.health()[0]?.failing ?? '', /only https|plain http|private/)
  }
})

test('key files are read again when they change, and a broken file keeps the old keys', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'keys.json')
  writeFileSync(file, JSON.stringify(setOf(one)))
  const gate = openGate([issuerOf([one], { keys: { kind: 'jwks-file', file }, keysFreshMs: 20 })])
  t.after(() => gate.identify.close())
  const token = one.token()
  assert.equal(outcomeOf(await gate.bearer(token)), '123')
  writeFileSync(file, '{ broken')
  await until(() => gate.identify.health()[0]?.failing !== undefined)
  assert.equal(outcomeOf(await gate.bearer(token)), '123')
  writeFileSync(file, JSON.stringify(setOf(two)))
  await until(async () => outcomeOf(await gate.bearer(two.token())) === '123')
  assert.equal(outcomeOf(await gate.bearer(token)), invalid)
})
