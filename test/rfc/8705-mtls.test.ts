import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import type { IncomingHttpHeaders } from 'node:http'
import { request } from 'node:https'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { JsonGeneralNames } from '@peculiar/x509'
import { systemClock } from '../../src/kernel/clock.ts'
import type { Principal } from '../../src/kernel/principal.ts'
import { isDenied } from '../../src/kernel/verdict.ts'
import { certificateThumbprint } from '../../src/stages/identify/certificates/certificate-thumbprint.ts'
import {
  type CertificateOptions,
  createCertificates,
} from '../../src/stages/identify/certificates/certificates.ts'
import { arrivedCall, plainOperation } from '../flow/fakes.ts'
import { type RunningGateway, startGateway } from '../flow/running-gateway.ts'
import { type Authority, createAuthority, type Issued, type IssueOptions } from './certificate-authority.ts'

const contract = `openapi: 3.1.0
info: { title: Devices, version: '1' }
paths:
  /either: { get: { operationId: either, security: [{ token: [things:read] }, { device: [] }], responses: &ok { '200': { description: ok, content: { application/json: { schema: {} } } } } } }
  /device: { get: { operationId: device, security: [{ device: [] }], responses: *ok } }
  /both: { get: { operationId: both, security: [{ token: [things:read], device: [] }], responses: *ok } }
  /token: { get: { operationId: token, security: [{ token: [things:read] }], responses: *ok } }
  /optional: { get: { operationId: optional, security: [{ device: [] }, {}], responses: *ok } }
components:
  securitySchemes:
    token: { type: http, scheme: bearer }
    device: { type: mutualTLS }
`

let authority: Authority
let foreign: Authority
let gateway: RunningGateway
let device: Issued
let nameless: Issued
let revoked: Issued

before(async () => {
  authority = await createAuthority('Devices')
  foreign = await createAuthority('Foreign')
  const server = await authority.issue('localhost', { use: 'server' })
  device = await authority.issue('pump', { use: 'client', uri: 'spiffe://travel.example/pump/7' })
  nameless = await authority.issue('pump.example', { use: 'client' })
  revoked = await authority.issue('old', { use: 'client', uri: 'spiffe://travel.example/old' })
  gateway = await startGateway({
    contract,
    files: {
      'server.crt': server.certificate,
      'server.key': server.key,
      'devices.crt': authority.certificate,
      'devices.crl': await authority.revoke([revoked.certificate]),
    },
    listen:
      '[{ address: 127.0.0.1:0, tls: { certificate: server.crt, key: server.key, clientAuthorities: devices.crt, clientRevocations: devices.crl } }]',
    top: 'certificates: { subject: san.uri, trustDomain: travel.example }',
  })
})
after(() => gateway.close())

interface Answer {
  readonly status: number
  readonly code: string | undefined
  readonly headers: IncomingHttpHeaders
  /** `sub` of the identity that the upstream was told of. */
  readonly sub: string | undefined
}

interface Sent {
  readonly identity?: Issued | undefined
  readonly token?: string
  readonly serverName?: string
  readonly host?: string
}

/** One call on a connection of its own. Rejects where the handshake fails. */
function call(
  path: string,
  { identity, token, serverName = 'localhost', host = 'localhost' }: Sent = {},
): Promise<Answer> {
  gateway.upstream.seen.length = 0
  return new Promise((resolve, reject) => {
    const { port } = new URL(gateway.url)
    request(
      {
        host: '127.0.0.1',
        port,
        path,
        agent: false,
        ca: authority.certificate,
        servername: serverName,
        checkServerIdentity: () => undefined,
        ...(identity && { cert: identity.certificate, key: identity.key }),
        headers: {
          host: `${host}:${port}`,
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
        },
      },
      (reply) => {
        let text = ''
        reply.on('data', (chunk) => {
          text += String(chunk)
        })
        reply.on('error', reject)
        reply.on('end', () => {
          const assertion = gateway.upstream.seen[0]?.headers['sallyport-identity']
          const claims =
            typeof assertion === 'string'
              ? (JSON.parse(Buffer.from(assertion.split('.')[1] ?? '', 'base64url').toString()) as {
                  sub: string
                })
              : undefined
          const body = JSON.parse(text) as { code?: string }
          resolve({
            status: reply.statusCode ?? 0,
            code: body.code,
            headers: reply.headers,
            sub: claims?.sub,
          })
        })
      },
    )
      .on('error', reject)
      .end()
  })
}

function bound(identity: Issued): { 'x5t#S256': string } {
  return { 'x5t#S256': certificateThumbprint(new X509Certificate(identity.certificate).raw) }
}

test('a device is who its certificate says, and the upstream is told', async () => {
  const answer = await call('/device', { identity: device })
  assert.equal(answer.status, 200)
  assert.equal(answer.sub, 'spiffe://travel.example/pump/7')
})

test('no certificate where one is asked for: 401, and the connection is not lost', async () => {
  const answer = await call('/device')
  assert.equal(answer.status, 401)
  assert.equal(answer.code, 'IDENTIFY_REQUIRED')
  assert.equal(gateway.upstream.seen.length, 0)
})

test('a token does not stand for a certificate, nor a certificate for a token', async () => {
  assert.equal((await call('/device', { token: await gateway.token() })).status, 401)
  assert.equal((await call('/token', { identity: device })).status, 401)
})

test('alternatives: either does; the token is who is calling where both are sent', async () => {
  assert.equal((await call('/either', { identity: device })).sub, 'spiffe://travel.example/pump/7')
  assert.equal((await call('/either', { token: await gateway.token() })).sub, '123')
  assert.equal((await call('/either', { identity: device, token: await gateway.token() })).sub, '123')
})

test('R04: a bad token is not saved by a good certificate', async () => {
  for (const token of ['xx', await gateway.token({ exp: 1 })]) {
    const answer = await call('/either', { identity: device, token })
    assert.equal(answer.status, 401)
    assert.equal(gateway.upstream.seen.length, 0)
  }
})

test('a good certificate does not widen a token of too little scope', async () => {
  const answer = await call('/either', { identity: device, token: await gateway.token({ scope: '' }) })
  assert.equal(answer.code, 'AUTHORIZE_SCOPE')
})

test('and: both credentials, the user’s is who is calling', async () => {
  const token = await gateway.token()
  assert.equal((await call('/both', { identity: device, token })).sub, '123')
  assert.equal((await call('/both', { identity: device })).code, 'IDENTIFY_REQUIRED')
  assert.equal((await call('/both', { token })).code, 'IDENTIFY_REQUIRED')
  assert.equal((await call('/both', { identity: nameless, token })).code, 'IDENTIFY_TOKEN_INVALID')
  const poor = await gateway.token({ scope: '' })
  assert.equal((await call('/both', { identity: device, token: poor })).code, 'AUTHORIZE_SCOPE')
})

test('an unreadable certificate is not anonymous where nobody has to be anybody', async () => {
  assert.equal((await call('/optional')).status, 200)
  assert.equal((await call('/optional', { identity: device })).sub, 'spiffe://travel.example/pump/7')
  assert.equal((await call('/optional', { identity: nameless })).code, 'IDENTIFY_TOKEN_INVALID')
})

test('T04: untrusted, expired, revoked and server certificates do not get as far as a reply', async () => {
  const uri = 'spiffe://travel.example/x'
  const rows: [string, Issued][] = [
    ['untrusted', await foreign.issue('x', { use: 'client', uri })],
    ['expired', await authority.issue('x', { use: 'client', uri, expired: true })],
    ['revoked', revoked],
    ['wrong extended key usage', await authority.issue('x', { use: 'server', uri })],
  ]
  for (const [name, identity] of rows) {
    await assert.rejects(call('/device', { identity }), name)
    await assert.rejects(call('/optional', { identity }), name)
    assert.equal(gateway.upstream.seen.length, 0)
  }
})

test('T04: names that cannot be trusted: 401', async () => {
  const rows: [string, JsonGeneralNames][] = [
    ['NUL', [{ type: 'url', value: 'spiffe://travel.example/pump\0.evil' }]],
    [
      'NUL in another name',
      [
        { type: 'url', value: 'spiffe://travel.example/a' },
        { type: 'dns', value: 'a\0b' },
      ],
    ],
    [
      'two names',
      [
        { type: 'url', value: 'spiffe://travel.example/a' },
        { type: 'url', value: 'spiffe://travel.example/b' },
      ],
    ],
    [
      'separator in a name',
      [{ type: 'url', value: 'spiffe://travel.example/a, URI:spiffe://travel.example/b' }],
    ],
    ['another trust domain', [{ type: 'url', value: 'spiffe://evil.example/pump' }]],
    ['a longer trust domain', [{ type: 'url', value: 'spiffe://travel.example.evil/pump' }]],
    ['no SPIFFE id', [{ type: 'url', value: 'https://travel.example/pump' }]],
    ['dot segments', [{ type: 'url', value: 'spiffe://travel.example/a/../b' }]],
    ['a name of another kind', [{ type: 'dns', value: 'pump.travel.example' }]],
  ]
  for (const [name, names] of rows) {
    const answer = await call('/device', { identity: await authority.issue('x', { use: 'client', names }) })
    assert.equal(answer.status, 401, name)
    assert.equal(answer.code, 'IDENTIFY_TOKEN_INVALID', name)
  }
})

test('T04: a certificate that is revoked later is refused after a reload, and a broken list keeps the old one', async () => {
  const other = await authority.issue('y', { use: 'client', uri: 'spiffe://travel.example/y' })
  assert.equal((await call('/device', { identity: other })).status, 200)
  const list = join(gateway.folder, 'devices.crl')
  writeFileSync(list, await authority.revoke([revoked.certificate, other.certificate]))
  await gateway.reload()
  await assert.rejects(call('/device', { identity: other }))
  assert.equal((await call('/device', { identity: device })).status, 200)
  writeFileSync(list, 'broken')
  await assert.rejects(gateway.reload())
  await assert.rejects(call('/device', { identity: other }))
  assert.equal((await call('/device', { identity: device })).status, 200)
})

test('T04: a missing list or authority stops the start', async () => {
  for (const missing of [
    'clientAuthorities: nothing.crt',
    'clientAuthorities: contract.yaml',
    'clientAuthorities: devices.crt, clientRevocations: nothing.crl',
  ])
    await assert.rejects(
      startGateway({
        contract,
        files: {
          'server.crt': device.certificate,
          'server.key': device.key,
          'devices.crt': authority.certificate,
        },
        listen: `[{ address: 127.0.0.1:0, tls: { certificate: server.crt, key: server.key, ${missing} } }]`,
        top: 'certificates: { subject: san.uri }',
      }),
      /does not exist|holds no PEM/,
      missing,
    )
})

test('N10: a certificate shown to one host does not count at another', async () => {
  const rows: [string, Sent][] = [
    ['/device', { identity: device }],
    ['/either', { identity: device }],
    ['/token', { identity: device, token: await gateway.token({ cnf: bound(device) }) }],
  ]
  for (const [path, sent] of rows) {
    assert.equal((await call(path, sent)).status, 200)
    const answer = await call(path, { ...sent, host: 'other.example' })
    assert.equal(answer.status, 421)
    assert.equal(answer.code, 'MATCH_HOST')
  }
})

test('R11: a certificate-bound token passes with its certificate and no other', async () => {
  const token = await gateway.token({ cnf: bound(device) })
  assert.equal((await call('/token', { identity: device, token })).status, 200)
  assert.equal((await call('/both', { identity: device, token })).status, 200)
  for (const identity of [undefined, nameless]) {
    const answer = await call('/token', { identity, token })
    assert.equal(answer.code, 'IDENTIFY_TOKEN_INVALID')
    assert.match(answer.headers['www-authenticate'] ?? '', /^Bearer .*error="invalid_token"/)
  }
  // A name is not needed to be bound to.
  assert.equal(
    (await call('/token', { identity: nameless, token: await gateway.token({ cnf: bound(nameless) }) }))
      .status,
    200,
  )
})

test('R11: the public hash of a certificate is no credential', async () => {
  const thumbprint = bound(device)['x5t#S256']
  for (const token of [thumbprint, await gateway.token({ cnf: { 'x5t#S256': 'x' } })])
    assert.equal((await call('/token', { identity: device, token })).code, 'IDENTIFY_TOKEN_INVALID')
})

/** The principal of one certificate, or why there is none. */
async function read(options: CertificateOptions, issue: Partial<IssueOptions>): Promise<string> {
  const { certificate } = await authority.issue('pump.example', { use: 'client', ...issue })
  const der = new X509Certificate(certificate).raw
  const { channel, ...rest } = arrivedCall()
  const matched = {
    ...rest,
    channel: { ...channel, certificate: der },
    operation: plainOperation(),
    params: {},
  }
  const credential = createCertificates(options, systemClock)
  const result = (await credential.read(matched)) as Principal
  const again = (await credential.read({ ...matched })) as Principal
  assert.deepEqual(again, result)
  if (isDenied(result)) return result.reason
  assert.equal(result.issuer, 'certificates')
  assert.equal(result.kind, 'certificate')
  assert.equal(result.cnf?.x5t, certificateThumbprint(der))
  assert.equal(Object.getPrototypeOf(result.claims), null)
  return result.sub
}

test('what of a certificate is the id', async () => {
  const names: JsonGeneralNames = [
    { type: 'dns', value: 'Pump.Example' },
    { type: 'email', value: 'pump@travel.example' },
    { type: 'url', value: 'urn:uuid:5' },
  ]
  const subject = 'CN=Pump\\, seven, O=Travel'
  assert.equal(await read({ subject: 'san.uri' }, { names }), 'urn:uuid:5')
  assert.equal(await read({ subject: 'san.dns' }, { names }), 'pump.example')
  assert.equal(await read({ subject: 'san.email' }, { names }), 'pump@travel.example')
  assert.equal(await read({ subject: 'subject.cn' }, { names, subject }), 'Pump, seven')
  assert.equal(await read({ subject: 'subject' }, { names, subject }), 'CN=Pump\\, seven,O=Travel')
  for (const kind of ['san.uri', 'san.email'] as const)
    assert.equal(await read({ subject: kind }, {}), 'no name of the configured kind')
  assert.equal(
    await read({ subject: 'subject.cn' }, { subject: 'O=Travel' }),
    'no name of the configured kind',
  )
  assert.equal(
    await read({ subject: 'subject.cn' }, { subject: 'CN=a, CN=b' }),
    'several names of the configured kind',
  )
  assert.equal(await read({ subject: 'san.uri' }, { uri: 'spiffe://a/b/' }), 'not a SPIFFE id')
  assert.match(await read({ subject: 'san.dns' }, { use: 'server' }), /extended key usage/)
  assert.equal(await read({ subject: 'san.dns' }, { expired: true }), 'outside its validity')
})

test('bytes that are no certificate make no principal', async () => {
  const { channel, ...rest } = arrivedCall()
  for (const bytes of [
    Buffer.alloc(0),
    Buffer.from('x'),
    new X509Certificate(device.certificate).raw.subarray(0, 100),
  ]) {
    const matched = {
      ...rest,
      channel: { ...channel, certificate: bytes },
      operation: plainOperation(),
      params: {},
    }
    assert.ok(
      isDenied((await createCertificates({ subject: 'san.uri' }, systemClock).read(matched)) as Principal),
    )
  }
})
