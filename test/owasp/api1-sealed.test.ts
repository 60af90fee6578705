import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { parse, stringify } from 'yaml'
import { createDevKeys, readSigningKey } from '../../examples/travel/dev-keys.ts'
import { signSceneTokens } from '../../examples/travel/dev-tokens.ts'
import type { Scene } from '../../examples/travel/scene.ts'
import { startUpstream, type Upstream } from '../../examples/travel/upstream/start-upstream.ts'
import { withoutAuthority } from '../../examples/travel/without-authority.ts'
import { type App, createApp } from '../../src/app/app.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import { contractOf } from '../../src/contract/contract.fixture.ts'
import { createIdSealer, type PlainId } from '../../src/crypto/id-sealer.ts'
import { isDenied } from '../../src/kernel/verdict.ts'
import { createSealing } from '../../src/stages/authorize/sealing/create-sealing.ts'
import { sealingApiWith, travelContract } from '../support/ledger-with.ts'
import { makeCall, makeInspected, makePrincipal } from '../support/make-call.ts'

const example = fileURLToPath(new URL('../../examples/travel', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'sealed-'))
const sealedTypes = ['user', 'booking', 'review', 'document', 'webhook', 'entry']
let upstream: Upstream
let app: App
let gate: string
let tokens: Scene['tokens']
let file: string

before(async () => {
  upstream = await startUpstream()
  const keys = await createDevKeys(folder)
  tokens = await signSceneTokens(readSigningKey(keys.signingKey))
  const config = parse(readFileSync(join(example, 'sallyport.yaml'), 'utf8'))
  config.listen = [{ address: '127.0.0.1:0' }]
  config.admin = { address: '127.0.0.1:0' }
  config.store = { durable: 'none' }
  config.state = 'state'
  config.log = { events: 'none' }
  config.issuers.travel.keys.jwks = keys.jwks
  config.issuers.travel.signingKey = keys.signingKey
  withoutAuthority(config)
  config.apis.travel.contract = join(example, 'travel.openapi.yaml')
  config.apis.travel.upstream = upstream.url
  config.apis.travel.objects = Object.fromEntries(sealedTypes.map((type) => [type, { seal: true }]))
  file = join(folder, 'sallyport.yaml')
  writeFileSync(file, stringify(config))
  app = await createApp(loadConfig(file, process.env))
  gate = app.addresses.find(({ kind }) => kind === 'api')?.url.replace(/\/$/, '') ?? ''
})
after(async () => {
  await app?.close(0)
  await upstream?.close()
  rmSync(folder, { recursive: true, force: true })
})

async function call(
  token: string,
  method: string,
  path: string,
  body?: unknown,
): Promise<{ status: number; value: unknown; text: string }> {
  const reply = await fetch(gate + path, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const text = await reply.text()
  const isJson = reply.headers.get('content-type')?.includes('json') === true
  return { status: reply.status, text, value: isJson ? JSON.parse(text) : undefined }
}

/** Members that look like ids, by an eye of its own. */
function idsIn(value: unknown, found: unknown[] = []): unknown[] {
  if (typeof value !== 'object' || value === null) return found
  for (const [name, child] of Object.entries(value))
    if (/(?:^id|Id)$/.test(name)) found.push(child)
    else idsIn(child, found)
  return found
}

const sealedForm = /^[A-Za-z0-9_-]{24,}$/
type Booking = { readonly bookingId: string; readonly userId: string }

test('attack: an id of another, plain, borrowed or guessed, opens nothing; one’s own does', async () => {
  const direct = (await (
    await fetch(`${upstream.url}/bookings/bk_a1c3e5g7i9k1`, {
      headers: { authorization: `Bearer ${tokens.bob}` },
    })
  ).json()) as Booking
  assert.equal(direct.bookingId, 'bk_a1c3e5g7i9k1', 'without the gate bob reads the booking of alice')
  const { value } = await call(tokens.alice, 'GET', '/bookings?limit=5')
  const [first] = value as Booking[]
  assert.ok(first !== undefined)
  assert.match(first.bookingId, sealedForm)
  const own = await call(tokens.alice, 'GET', `/bookings/${first.bookingId}`)
  assert.equal(own.status, 200)
  assert.equal((own.value as Booking).bookingId, first.bookingId, 'the same id is always the same text')
  const served = upstream.served()
  for (const [token, id] of [
    [tokens.bob, first.bookingId],
    [tokens.bob, 'bk_a1c3e5g7i9k1'],
    [tokens.alice, 'bk_a1c3e5g7i9k1'],
    [tokens.alice, `${first.bookingId.slice(0, -1)}A`],
    [tokens.alice, first.userId],
  ] as const)
    for (const method of ['GET', 'DELETE']) {
      const refused = await call(token, method, `/bookings/${id}`)
      assert.equal(refused.status, 403, `${method} ${id}`)
      assert.equal((refused.value as { code: string }).code, 'AUTHORIZE_OBJECT')
    }
  assert.equal(upstream.served(), served)
})

test('no credential is still 401, whatever the id', async () => {
  const reply = await fetch(`${gate}/bookings/bk_a1c3e5g7i9k1`)
  assert.equal(reply.status, 401)
})

test('a crawl as two users: every id that leaves is sealed, and each opens for who got it alone', async (t) => {
  const seen = new Map<string, Set<string>>()
  let replies = 0
  for (const [who, sub] of [
    ['alice', '123'],
    ['bob', '456'],
  ] as const) {
    const token = tokens[who]
    const note = ({ status, value, text }: Awaited<ReturnType<typeof call>>): void => {
      assert.ok(status < 400, text)
      replies++
      for (const id of idsIn(value)) {
        assert.equal(typeof id, 'string')
        assert.match(String(id), sealedForm)
        seen.set(who, (seen.get(who) ?? new Set()).add(String(id)))
      }
    }
    note(await call(token, 'GET', `/api/v1/users/${sub}/profile`))
    const profile = await call(token, 'GET', `/api/v1/users/${sub}/profile`)
    note(
      await call(token, 'GET', `/api/v1/users/${(profile.value as Booking).userId}/calendar?month=2026-12`),
    )
    note(await call(token, 'PATCH', `/api/v1/users/${sub}/profile`, { bio: 'Windows, please.' }))
    const trip = { from: 'OSL', to: 'LHR', date: '2026-12-01', travellers: [{ name: 'A' }] }
    const made = await call(token, 'POST', '/bookings', trip)
    note(made)
    const list = await call(token, 'GET', '/bookings?limit=100')
    note(list)
    for (const { bookingId } of list.value as Booking[]) {
      note(await call(token, 'GET', `/bookings/${bookingId}`))
      note(await call(token, 'PATCH', `/bookings/${bookingId}`, { note: 'quiet' }))
    }
    note(await call(token, 'DELETE', `/bookings/${(made.value as Booking).bookingId}`))
    note(await call(token, 'GET', '/reviews/oslo'))
    note(await call(token, 'POST', '/reviews/oslo', { stars: 5, text: 'Fine.' }))
    note(await call(token, 'GET', '/documents?q=bag'))
    note(await call(token, 'GET', '/search?from=Lisbon&limit=5'))
  }
  const [alice = new Set<string>(), bob = new Set<string>()] = [seen.get('alice'), seen.get('bob')]
  t.diagnostic(`${replies} replies, ${alice.size + bob.size} different ids, none of them plain`)
  assert.ok(alice.size > 5 && bob.size > 5)
  assert.ok([...alice].every((id) => !bob.has(id)))
})

test('the published contract: sealed ids are texts of a pattern, our extensions are gone, and it is a contract', async () => {
  const reply = await fetch(`${gate}/.well-known/sallyport/contract/travel`)
  assert.equal(reply.status, 200)
  const text = await reply.text()
  assert.ok(!text.includes('x-sallyport'))
  const document = JSON.parse(text) as {
    components: {
      schemas: Record<string, { properties: Record<string, { type: string; pattern?: string }> }>
    }
    paths: Record<string, Record<string, { parameters?: { name: string; schema: { pattern?: string } }[] }>>
  }
  const { Booking: booking, Review: review, User: user } = document.components.schemas
  for (const property of [
    booking?.properties['bookingId'],
    booking?.properties['userId'],
    review?.properties['reviewId'],
    user?.properties['userId'],
  ]) {
    assert.equal(property?.type, 'string')
    assert.match(property?.pattern ?? '', /A-Za-z0-9_-/)
  }
  assert.equal(booking?.properties['status']?.pattern, undefined)
  const contract = contractOf(document)
  const read = contract.operations.find((one) => one.id === 'readBooking')
  const { value } = await call(tokens.alice, 'GET', '/bookings?limit=1')
  const [one] = value as Booking[]
  const params = { bookingId: one?.bookingId ?? '' }
  assert.deepEqual(read?.input.head({ params, pairs: [], fields: makeCall(read, {}).fields }), [])
  assert.notDeepEqual(
    read?.input.head({
      params: { bookingId: 'bk_a1c3e5g7i9k1' },
      pairs: [],
      fields: makeCall(read, {}).fields,
    }),
    [],
  )
  assert.deepEqual(read?.output.find(200, 'application/json')?.validate(one), [])
})

test('keys: made with mode 0600; a new one before the old one seals, the old one opens until it is removed', async () => {
  const keys = join(folder, 'state', 'sealing.key')
  assert.equal(statSync(keys).mode & 0o777, 0o600)
  const before =
    ((await call(tokens.alice, 'GET', '/bookings?limit=1')).value as Booking[])[0]?.bookingId ?? ''
  const old = readFileSync(keys, 'utf8')
  writeFileSync(keys, `${Buffer.alloc(32, 7).toString('base64url')}\n${old}`, { mode: 0o600 })
  await app.reload(loadConfig(file, process.env))
  const after = ((await call(tokens.alice, 'GET', `/bookings/${before}`)).value as Booking).bookingId
  assert.notEqual(after, before)
  writeFileSync(keys, `${Buffer.alloc(32, 7).toString('base64url')}\n`, { mode: 0o600 })
  await app.reload(loadConfig(file, process.env))
  assert.equal((await call(tokens.alice, 'GET', `/bookings/${after}`)).status, 200)
  assert.equal((await call(tokens.alice, 'GET', `/bookings/${before}`)).status, 403)
})

const contract = travelContract()
const sealing = createSealing({
  apis: [sealingApiWith(contract, sealedTypes)],
  sealer: createIdSealer([Buffer.alloc(32, 3)]),
})

test('every place of an id in the travel contract round-trips, and arrives in canonical form', (t) => {
  const ids = contract.objectIds()
  let places = 0
  const plain: fc.Arbitrary<PlainId> = fc.oneof(
    fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 30 })
      .filter((text) => /^[^/\\.%\p{C}]+$/u.test(text)),
    fc.uuid(),
    fc.maxSafeInteger(),
  )
  for (const operation of contract.operations) {
    const found =
      ids.operations
        .get(operation.slot)
        ?.parameters.filter((one) => sealedTypes.includes(one.type) && one.confidence !== 'guess') ?? []
    for (const parameter of found) {
      places++
      fc.assert(
        fc.property(plain, fc.constantFrom('u1', 'u2'), (id, sub) => {
          const principal = makePrincipal(sub)
          const sealed = createIdSealer([Buffer.alloc(32, 3)])
            .scope({ api: 'travel', type: parameter.type, issuer: principal.issuer, sub })
            .seal(id)
          const template = operation.template.replace(`{${parameter.name}}`, sealed)
          const call = {
            ...makeCall(operation, {
              principal,
              ...(parameter.in === 'path' ? { params: { [parameter.name]: sealed } } : {}),
              pairs: parameter.in === 'query' ? [{ name: parameter.name, value: sealed }] : [],
            }),
            path: template,
            query: parameter.in === 'query' ? `${parameter.name}=${sealed}` : '',
          }
          const opened = sealing.open(call)
          assert.ok(!isDenied(opened))
          const text = String(id)
          if (parameter.in === 'path') {
            assert.equal(opened.params[parameter.name], text)
            const at = operation.template.split('/').indexOf(`{${parameter.name}}`)
            assert.equal(decodeURIComponent(opened.path.split('/')[at] ?? ''), text)
          } else {
            assert.equal(opened.pairs[0]?.value, text)
            assert.equal(new URLSearchParams(opened.query).get(parameter.name), text)
          }
        }),
        { numRuns: 50 },
      )
    }
    for (const { place, type, confidence } of ids.places(operation.slot)) {
      const pointer = /^reply (\d+)\/(.*)$/.exec(place)
      if (pointer === null || !sealedTypes.includes(type) || confidence === 'guess') continue
      places++
      const [, status = '', path = ''] = pointer
      fc.assert(
        fc.property(plain, (id) => {
          const call = makeInspected(makeCall(operation, { principal: makePrincipal('u1') }), undefined)
          const value = path
            .split('/')
            .reduceRight<unknown>((inner, name) => (name === '*' ? [inner] : { [name]: inner }), id)
          assert.ok(sealing.release(call)?.run(Number(status), value, undefined))
          const sealed = path
            .split('/')
            .reduce<unknown>(
              (outer, name) => (outer as Record<string, unknown>)[name === '*' ? '0' : name],
              value,
            )
          const scope = { api: 'travel', type, issuer: 'travel', sub: 'u1' }
          assert.equal(
            createIdSealer([Buffer.alloc(32, 3)])
              .scope(scope)
              .open(String(sealed)),
            id,
          )
        }),
        { numRuns: 30 },
      )
    }
  }
  t.diagnostic(`${places} places`)
  assert.ok(places >= 15)
})

test('an id that no canonical path can hold is refused, not written', () => {
  const read = contract.operations.find((one) => one.id === 'readBooking')
  assert.ok(read !== undefined)
  for (const id of ['a/b', '..', '.', 'a%2fb', 'a\\b', 'a\0b', '']) {
    const sealed = createIdSealer([Buffer.alloc(32, 3)])
      .scope({ api: 'travel', type: 'booking', issuer: 'travel', sub: 'u1' })
      .seal(id)
    const call = makeCall(read, { principal: makePrincipal('u1'), params: { bookingId: sealed } })
    assert.ok(isDenied(sealing.open({ ...call, path: `/bookings/${sealed}` })), JSON.stringify(id))
  }
})
