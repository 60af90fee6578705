import assert from 'node:assert/strict'
import { type ClientHttp2Session, connect } from 'node:http2'
import { get } from 'node:https'
import { after, before, beforeEach, describe, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { credentials, type ServiceError, status } from '@grpc/grpc-js'
import fc from 'fast-check'
import { decodeJwt } from 'jose'
import { createTestAuthority } from '../stand-in/certificates.ts'
import {
  type Answer,
  type Asked,
  createExtAuthzClient,
  type ExtAuthzClient,
  encodeCheck,
} from '../stand-in/ext-authz-client.ts'
import { type RunningGateway, startGateway } from './running-gateway.ts'
import { thingsContract } from './things-contract.ts'

let gateway: RunningGateway
let client: ExtAuthzClient
let target: string
let authorization: readonly [string, string]

before(async () => {
  gateway = await startGateway({
    contract: thingsContract,
    listen: '[{ address: 127.0.0.1:0 }, { address: 127.0.0.1:0, decide: envoy-grpc }]',
    top: 'trustedProxies: [10.0.0.0/8]',
    api: `    objects:
      profile: { id: path.userId, owner: path.userId }
      thing: { id: path.thingId, owner: response.ownerId, for: writeThing }
    limits: [{ for: readPublic, per: ip, rate: 3/min }]`,
  })
  authorization = ['authorization', `Bearer ${await gateway.token()}`]
  target = new URL(gateway.app.addresses.filter(({ kind }) => kind === 'api')[1]?.url ?? '').host
  client = createExtAuthzClient(target)
})
after(async () => {
  client?.close()
  await gateway?.close()
})
beforeEach(() => {
  gateway.upstream.seen.length = 0
})

type Said = NonNullable<Answer['ok_response']>['headers']
const read = (said: Said | undefined, name: string): string[] =>
  (said ?? []).filter(({ header }) => header.key.toLowerCase() === name).map(({ header }) => header.value)

/** HTTP status and problem code that the caller is to get; 200 where the call may pass. */
async function outcome(asked: Asked): Promise<[number, string | undefined]> {
  return outcomeOf(await client.check(asked))
}

function outcomeOf(answer: Answer): [number, string | undefined] {
  if ((answer.status?.code ?? 0) === 0) {
    assert.ok(answer.ok_response, 'an answer that allows says so')
    return [200, undefined]
  }
  const { denied_response: denied } = answer
  assert.ok(denied && denied.status.code >= 400)
  return [denied.status.code, (JSON.parse(denied.body) as { code: string }).code]
}

const form = (body: string, more: Asked = {}): Asked => ({
  method: 'POST',
  path: '/form',
  fields: [
    ['content-type', 'application/x-www-form-urlencoded'],
    ['content-length', String(body.length)],
    ['x-envoy-auth-partial-body', 'false'],
  ],
  rawBody: Buffer.from(body),
  ...more,
})

describe('Envoy asks over gRPC', () => {
  test('allowed: the upstream gets an identity in the place of what the caller wrote', async () => {
    const answer = await client.check({
      path: '/things/1?limit=5',
      fields: [authorization, ['sallyport-identity', 'forged'], ['sallyport-other', 'forged']],
    })
    assert.equal(answer.status?.code, 0)
    const { ok_response: ok } = answer
    assert.equal(decodeJwt(read(ok?.headers, 'sallyport-identity')[0] ?? '').sub, '123')
    assert.match(read(ok?.headers, 'x-request-id')[0] ?? '', /^[\w-]{8,}$/)
    assert.deepEqual(ok?.headers_to_remove, ['sallyport-other'])
    for (const { append, append_action: action } of [
      ...(ok?.headers ?? []),
      ...(ok?.response_headers_to_add ?? []),
    ]) {
      assert.equal(append?.value, false)
      assert.equal(action, 2)
    }
    assert.equal(gateway.upstream.seen.length, 0)
  })

  test('an anonymous caller has no identity: the one it wrote is taken away', async () => {
    const answer = await client.check({
      path: '/public',
      fields: [['sallyport-identity', 'forged']],
      source: '192.0.2.50',
    })
    assert.deepEqual(answer.ok_response?.headers_to_remove, ['sallyport-identity'])
    assert.deepEqual(read(answer.ok_response?.headers, 'sallyport-identity'), [])
  })

  test('refuses what the gateway refuses, with its status, code and fields', async () => {
    const cases: readonly (readonly [Asked, number, string])[] = [
      [{ path: '/things/1' }, 401, 'IDENTIFY_REQUIRED'],
      [{ path: '/things/1', fields: [['authorization', 'Bearer x.y.z']] }, 401, 'IDENTIFY_TOKEN_INVALID'],
      [{ path: '/things/1', fields: [authorization, authorization] }, 400, 'LISTEN_MALFORMED'],
      [{ path: '/users/124/profile', fields: [authorization] }, 403, 'AUTHORIZE_OBJECT'],
      [{ path: '/things/1?limit=1000', fields: [authorization] }, 400, 'INSPECT_SCHEMA'],
      [{ path: '/nowhere', fields: [authorization] }, 404, 'MATCH_NO_OPERATION'],
      [{ method: 'PATCH', path: '/things/1', fields: [authorization] }, 405, 'MATCH_METHOD'],
      [{ method: 'CONNECT', path: '/things/1', fields: [authorization] }, 405, 'MATCH_METHOD'],
      [{ path: '/things/%2e%2e/admin', fields: [authorization] }, 400, 'LISTEN_PATH_AMBIGUOUS'],
      [{ path: '/things//1', fields: [authorization] }, 400, 'LISTEN_PATH_AMBIGUOUS'],
      [{ path: `/things/${'a'.repeat(9000)}`, fields: [authorization] }, 414, 'LISTEN_TARGET_TOO_LONG'],
      [{ path: '/.well-known/sallyport/jwks.json' }, 404, 'MATCH_NO_OPERATION'],
      [{ host: 'a b', path: '/public' }, 400, 'LISTEN_MALFORMED'],
    ]
    for (const [asked, code, problem] of cases)
      assert.deepEqual(
        await outcome(asked),
        [code, problem],
        `${asked.method ?? 'GET'} ${asked.path?.slice(0, 60)}`,
      )
    const { denied_response: denied } = await client.check({ path: '/things/1' })
    assert.deepEqual(read(denied?.headers, 'content-type'), ['application/problem+json'])
    assert.match(read(denied?.headers, 'www-authenticate')[0] ?? '', /^Bearer/)
    assert.equal(gateway.upstream.seen.length, 0)
  })

  test('the body is judged as its bytes, all of them', async () => {
    assert.deepEqual(await outcome(form('age=3')), [200, undefined])
    assert.deepEqual(await outcome(form('undeclared=1')), [400, 'INSPECT_SCHEMA'])
    assert.deepEqual(await outcome(form('age=3', { protocol: 'HTTP/2' })), [200, undefined])
    const { fields = [] } = form('age=3')
    const without = (name: string): (readonly [string, string])[] => fields.filter(([one]) => one !== name)
    for (const [why, asked, code] of [
      [
        'a part of it',
        { fields: [...without('x-envoy-auth-partial-body'), ['x-envoy-auth-partial-body', 'true']] },
        413,
      ],
      ['not told', { rawBody: new Uint8Array(0) }, 400],
      ['shorter than told', { rawBody: Buffer.from('age=') }, 400],
      ['as text', { rawBody: new Uint8Array(0), body: 'age=3' }, 400],
      ['as both', { body: 'age=3' }, 400],
      [
        'chunked and not told',
        {
          rawBody: new Uint8Array(0),
          fields: [...without('content-length'), ['transfer-encoding', 'chunked']],
        },
        400,
      ],
    ] as readonly (readonly [string, Asked, number])[])
      assert.equal((await outcome(form('age=3', asked)))[0], code, why)
    assert.deepEqual(
      await outcome(
        form('age=3', { fields: [...without('content-length'), ['transfer-encoding', 'chunked']] }),
      ),
      [200, undefined],
    )
  })

  test('fields as a map count where nothing in them can have been changed', async () => {
    const [name, value] = authorization
    assert.deepEqual(await outcome({ path: '/things/1', headers: { [name]: value } }), [200, undefined])
    assert.deepEqual(await outcome({ path: '/things/1', headers: { [name]: value, 'x-note': 'caf!' } }), [
      400,
      'LISTEN_MALFORMED',
    ])
    assert.deepEqual(await outcome({ path: '/things/1', headers: { [name]: value, ':path': '/public' } }), [
      400,
      'LISTEN_MALFORMED',
    ])
    assert.deepEqual(await outcome({ path: '/things/1', headers: { [name]: `${value},${value}` } }), [
      401,
      'IDENTIFY_TOKEN_INVALID',
    ])
  })

  test('an upgrade is refused: nobody sees what comes after it', async () => {
    for (const name of ['upgrade', 'Upgrade'])
      assert.deepEqual(
        await outcome({
          path: '/things/1',
          fields: [authorization, ['connection', 'upgrade'], [name, 'websocket']],
        }),
        [400, 'LISTEN_MALFORMED'],
      )
  })

  test('what only the reply could prove is refused', async () => {
    const body = '{"name":"x"}'
    const asked: Asked = {
      method: 'PUT',
      path: '/things/1',
      fields: [authorization, ['content-type', 'application/json'], ['content-length', String(body.length)]],
      rawBody: Buffer.from(body),
    }
    assert.deepEqual(await outcome(asked), [403, 'AUTHORIZE_OBJECT'])
  })

  test('the caller is who the connection of Envoy says, or who its trusted proxy says', async () => {
    const status = async (source: string | null, forwarded?: string): Promise<number> =>
      (
        await outcome({
          path: '/public',
          source,
          fields: forwarded === undefined ? [] : [['x-forwarded-for', forwarded]],
        })
      )[0]
    for (const expected of [200, 200, 200, 429]) assert.equal(await status('203.0.113.9'), expected)
    // Not chosen by a field.
    assert.equal(await status('203.0.113.9', '203.0.113.77'), 429)
    assert.equal(await status('::ffff:203.0.113.9'), 429)
    // A proxy of ours in front of Envoy.
    assert.equal(await status('10.1.2.3', '203.0.113.9, 10.1.2.3'), 429)
    assert.equal(await status('10.1.2.3', '203.0.113.10, 10.1.2.3'), 200)
    for (const nobody of [null, '', 'unix:/run/socket']) assert.equal(await status(nobody), 400)
  })

  test('what is no question is answered with a refusal, never with an error that lets calls pass', async () => {
    assert.deepEqual(outcomeOf(await client.checkRaw(new Uint8Array(0))), [400, 'LISTEN_MALFORMED'])
    assert.deepEqual(outcomeOf(await client.checkRaw(Buffer.from('not protobuf'))), [400, 'LISTEN_MALFORMED'])
    assert.deepEqual(outcomeOf(await client.checkRaw(Buffer.alloc(5_000_000))), [
      413,
      'INSPECT_BODY_TOO_LARGE',
    ])
    // Attributes twice: decoders differ in what that means.
    const one = encodeCheck({ path: '/public' })
    assert.deepEqual(outcomeOf(await client.checkRaw(Buffer.concat([one, one]))), [400, 'LISTEN_MALFORMED'])
    // Nested without an end.
    assert.deepEqual(outcomeOf(await client.checkRaw(Buffer.alloc(100_000, 0x0b))), [400, 'LISTEN_MALFORMED'])
  })

  test('whatever bytes come, the answer is one, and nothing without a credential passes', async (t) => {
    const question = encodeCheck({ path: '/things/1', fields: [['authorization', 'Bearer x.y.z']] })
    let runs = 0
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(question.length - 1), fc.integer({ min: 0, max: 255 })), {
          minLength: 1,
          maxLength: 8,
        }),
        fc.nat(question.length),
        fc.boolean(),
        async (changes, length, cut) => {
          runs++
          const bytes = Buffer.from(question)
          for (const [at, value] of changes) bytes[at] = value
          const [code] = outcomeOf(await client.checkRaw(cut ? bytes.subarray(0, length) : bytes))
          assert.ok(code >= 400)
        },
      ),
      { numRuns: 400 },
    )
    t.diagnostic(`${runs} questions`)
  })

  test('other methods are not there; other kinds of content are refused', async () => {
    for (const path of [
      '/envoy.service.auth.v2.Authorization/Check',
      '/grpc.reflection.v1.ServerReflection/List',
    ])
      await assert.rejects(client.call(path), (error: ServiceError) => error.code === status.UNIMPLEMENTED)
    const session = connect(`http://${target}`)
    try {
      assert.equal(await statusOf(session, { 'content-type': 'application/json' }, Buffer.from('{}')), 415)
      // A compressed message, two messages, half of one: refused as questions.
      for (const frame of [
        [1, 0, 0, 0, 0],
        [0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        [0, 0],
        [0, 255, 255, 255, 255, 1],
      ])
        assert.equal(await statusOf(session, { 'content-type': 'application/grpc' }, Buffer.from(frame)), 200)
    } finally {
      session.destroy()
    }
  })

  test('five hundred at once, cancelled ones among them, and the connection goes on', async () => {
    const session = connect(`http://${target}`)
    try {
      for (let i = 0; i < 500; i++) {
        const stream = session.request({
          ':method': 'POST',
          ':path': '/envoy.service.auth.v3.Authorization/Check',
          'content-type': 'application/grpc',
        })
        stream.on('error', () => undefined)
        stream.close(8)
      }
      const outcomes = await Promise.all(
        Array.from({ length: 500 }, (_, i) =>
          outcome({ path: i % 2 === 0 ? '/things/1' : '/users/124/profile', fields: [authorization] }),
        ),
      )
      assert.equal(outcomes.filter(([code]) => code === 200).length, 250)
      assert.equal(outcomes.filter(([code]) => code === 403).length, 250)
      assert.equal(
        await statusOf(session, { 'content-type': 'application/grpc' }, Buffer.from([0, 0, 0, 0, 0])),
        200,
      )
    } finally {
      session.destroy()
    }
  })

  test('health: serving; plain HTTP/1.1 is not spoken', async () => {
    assert.equal(await client.health(), 'SERVING')
    assert.equal(await client.health('envoy.service.auth.v3.Authorization'), 'SERVING')
    await assert.rejects(client.health('other'), (error: ServiceError) => error.code === status.NOT_FOUND)
    await assert.rejects(fetch(`http://${target}/public`))
  })

  test('each question is on record, with the caller it was about', async () => {
    await client.check({ path: '/things/1', source: '198.51.100.200' })
    await client.checkRaw(new Uint8Array(0))
    let text = ''
    for (let tries = 0; tries < 100 && !text.includes('198.51.100.200'); tries++) {
      await wait(50)
      text = await (await fetch(`${gateway.adminUrl}/api/v1/events?limit=2`)).text()
    }
    assert.match(text, /IDENTIFY_REQUIRED/)
    assert.match(text, /198\.51\.100\.200/)
    assert.match(text, /LISTEN_MALFORMED/)
  })
})

function statusOf(
  session: ClientHttp2Session,
  headers: Record<string, string>,
  body: Buffer,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const stream = session.request({
      ':method': 'POST',
      ':path': '/envoy.service.auth.v3.Authorization/Check',
      te: 'trailers',
      ...headers,
    })
    stream.on('response', (fields) => resolve(Number(fields[':status'])))
    stream.on('error', reject)
    stream.resume()
    stream.end(body)
  })
}

describe('beyond loopback', () => {
  test('a data plane is known by its certificate, over gRPC and over HTTP', async () => {
    const authority = await createTestAuthority()
    const own = await authority.issue(['127.0.0.1', 'gate.example.test'])
    const plane = await authority.issue(['envoy.example.test'])
    const stranger = await (await createTestAuthority()).issue(['envoy.example.test'])
    const tls = '{ certificate: server.crt, key: server.key, clientAuthorities: planes.crt }'
    const remote = await startGateway({
      contract: thingsContract
        .replace(
          '/public:',
          `/devices:
    get:
      operationId: readDevices
      security: [{ device: [] }]
      responses: { '200': { description: ok, content: { application/json: { schema: {} } } } }
  /public:`,
        )
        .replace('securitySchemes:', 'securitySchemes:\n    device: { type: mutualTLS }'),
      top: 'certificates: { subject: san.dns }',
      api: '    security: { bearer: [main], device: [certificates] }',
      listen: `[{ address: 127.0.0.1:0 }, { address: 127.0.0.1:0, decide: envoy-grpc, tls: ${tls} }, { address: 127.0.0.1:0, decide: envoy, tls: ${tls} }]`,
      files: { 'server.crt': own.cert, 'server.key': own.key, 'planes.crt': authority.ca },
    })
    const urls = remote.app.addresses.filter(({ kind }) => kind === 'api').map(({ url }) => url)
    const ca = Buffer.from(authority.ca)
    const ask = async (
      shown?: { readonly key: string; readonly cert: string },
      path = '/public',
    ): Promise<number> => {
      const trust =
        shown === undefined
          ? credentials.createSsl(ca)
          : credentials.createSsl(ca, Buffer.from(shown.key), Buffer.from(shown.cert))
      const over = createExtAuthzClient(new URL(urls[1] ?? '').host, trust, {
        'grpc.ssl_target_name_override': 'gate.example.test',
      })
      try {
        return outcomeOf(await over.check({ path }))[0]
      } finally {
        over.close()
      }
    }
    const askHttp = (
      shown?: { readonly key: string; readonly cert: string },
      path = '/public',
    ): Promise<number | undefined> =>
      new Promise((resolve, reject) => {
        get(urls[2] + path, { ca: authority.ca, agent: false, ...shown }, (response) => {
          response.resume()
          resolve(response.statusCode)
        }).on('error', reject)
      })
    try {
      assert.equal(await ask(plane), 200)
      assert.equal(await askHttp(plane), 200)
      // It is the data plane's own, not the caller's.
      assert.equal(await ask(plane, '/devices'), 401)
      assert.equal(await askHttp(plane, '/devices'), 401)
      for (const nobody of [undefined, stranger]) {
        await assert.rejects(ask(nobody))
        await assert.rejects(askHttp(nobody))
      }
    } finally {
      await remote.close()
    }
  })
})
