import assert from 'node:assert/strict'
import { webcrypto } from 'node:crypto'
import type { lookup } from 'node:dns'
import { createServer as createTlsServer } from 'node:https'
import { isIP } from 'node:net'
import { type TestContext, test } from 'node:test'
import { Unusable } from '../../src/kernel/finding.ts'
import { bareHost } from '../../src/outbound/address-policy.ts'
import { createOutbound, type Outbound, type OutboundOptions } from '../../src/outbound/create-outbound.ts'
import { OutboundError } from '../../src/outbound/outbound-error.ts'
import { isSpecialAddress } from '../../src/outbound/special-address.ts'
import { readCases } from '../cases.ts'
import { startKeyServer } from './key-server.ts'

/** Resolves every name to these addresses; a name resolves differently each time when several lists are given. */
function resolvesTo(...answers: string[][]): { resolve: typeof lookup; asked: string[] } {
  const asked: string[] = []
  const resolve = ((name: string, _options: unknown, callback: (error: null, found: unknown) => void) => {
    asked.push(name)
    const addresses = answers[Math.min(asked.length, answers.length) - 1] ?? []
    callback(
      null,
      addresses.map((address) => ({ address, family: isIP(address) })),
    )
  }) as unknown as typeof lookup
  return { resolve, asked }
}

function open(t: TestContext, options: OutboundOptions = {}): Outbound {
  const outbound = createOutbound({ timeoutMs: 1000, ...options })
  t.after(() => outbound.close())
  return outbound
}

async function failureOf(call: Promise<unknown>): Promise<string> {
  try {
    await call
    return 'answered'
  } catch (error) {
    assert.ok(error instanceof OutboundError, String(error))
    return error.failure
  }
}

test('S01: private and special addresses are refused, in every spelling', async (t) => {
  const outbound = open(t)
  for (const host of [
    '127.0.0.1',
    '127.1',
    '0177.0.0.1',
    '0x7f.0.0.1',
    '2130706433',
    '0x7f000001',
    '017700000001',
    '0',
    '0.0.0.0',
    '10.1.2.3',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '100.64.0.1',
    '169.254.169.254',
    '0xa9fea9fe',
    '192.0.0.192',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '240.0.0.1',
    '１２７.０.０.１',
    '127。0。0。1',
    '[::1]',
    '[::]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[::ffff:8.8.8.8]',
    '[::127.0.0.1]',
    '[fc00::1]',
    '[fd12:3456::1]',
    '[fe80::1]',
    '[64:ff9b::7f00:1]',
    '[2002:7f00:1::]',
    '[2001:db8::1]',
    '[2001::1]',
    '[ff02::1]',
  ])
    assert.equal(await failureOf(outbound.getJson(`https://${host}/keys`)), 'refused', host)
})

test('S01: only https, no user information, absolute URLs', async (t) => {
  const outbound = open(t, { resolve: resolvesTo(['93.184.216.34']).resolve })
  for (const url of [
    'http://id.example/keys',
    'http://93.184.216.34/',
    'file:///etc/passwd',
    'ftp://id.example/',
    'gopher://127.0.0.1:6379/_x',
    'data:application/json,{}',
    'https://user:secret@id.example/',
    '//id.example/',
    '/keys',
    '',
    'https://',
  ])
    assert.equal(await failureOf(outbound.getJson(url)), 'refused', url)
})

test('S01: a name is judged by the addresses it resolves to', async (t) => {
  for (const address of [
    '127.0.0.1',
    '10.0.0.1',
    '169.254.169.254',
    '::1',
    '::ffff:127.0.0.1',
    'fe80::1',
    'fd00::1',
  ]) {
    const { resolve, asked } = resolvesTo([address])
    const outbound = open(t, { resolve })
    assert.equal(await failureOf(outbound.getJson('https://rebind.example/')), 'refused', address)
    assert.deepEqual(asked, ['rebind.example'])
  }
})

test('S01: rebinding: the address that is really connected to is judged, not the one that was looked at', async (t) => {
  const { certificate, key } = await selfSigned('rebind.example')
  let requests = 0
  const server = createTlsServer({ cert: certificate, key }, (_request, response) => {
    requests++
    response.end('{}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  // Public while it is judged, loopback when it is dialled.
  let reads = 0
  const shifting = {
    family: 4,
    get address() {
      return reads++ === 0 ? '93.184.216.34' : '127.0.0.1'
    },
  }
  const resolve = ((_name: string, _options: unknown, callback: (error: null, found: unknown) => void) =>
    callback(null, [shifting])) as unknown as typeof lookup
  const outbound = open(t, { resolve, authorities: [certificate] })
  assert.equal(await failureOf(outbound.getJson(`https://rebind.example:${port}/`)), 'refused')
  assert.ok(reads > 1)
  assert.equal(requests, 0)
})

test('S01: what is listed may be called: host:port also plainly, networks over https only', async (t) => {
  const server = await startKeyServer(t)
  server.serve({ ok: true })
  const listed = open(t, { allowPrivate: [`127.0.0.1:${server.port}`] })
  assert.deepEqual(await listed.getJson(`${server.url}/`), { ok: true })
  assert.equal(await failureOf(listed.getJson('http://127.0.0.1:1/')), 'refused')
  assert.equal(await failureOf(listed.getJson('https://127.0.0.1:1/')), 'refused')
  const network = open(t, { allowPrivate: ['127.0.0.0/8'] })
  assert.equal(await failureOf(network.getJson(`${server.url}/`)), 'refused')
  assert.equal(await failureOf(network.getJson('https://127.0.0.1:1/')), 'unreachable')
  const loopback = open(t, { allowLoopback: true })
  assert.deepEqual(await loopback.getJson(`${server.url}/`), { ok: true })
  assert.deepEqual(await loopback.getJson(`http://localhost:${server.port}/`), { ok: true })
  assert.equal(await failureOf(loopback.getJson('http://10.0.0.1/')), 'refused')
  const named = open(t, { allowPrivate: ['localhost:1'], resolve: resolvesTo(['10.0.0.1']).resolve })
  assert.equal(await failureOf(named.getJson(`http://localhost:${server.port}/`)), 'refused')
})

test('S01: loopback by name must resolve to loopback', async (t) => {
  const outbound = open(t, { allowLoopback: true, resolve: resolvesTo(['10.0.0.1']).resolve })
  assert.equal(await failureOf(outbound.getJson('http://localhost:1/')), 'refused')
})

test('S01: an allow-list that cannot be read stops the start', () => {
  for (const entry of [
    'id.internal',
    '10.0.0.0/33',
    '10.0.0.0/x',
    '*',
    'http://a:1',
    'a b:1',
    '',
    'a:99999',
    'u@h:1',
  ])
    assert.throws(() => createOutbound({ allowPrivate: [entry] }), Unusable, entry)
})

test('S04: no redirect is followed', async (t) => {
  const server = await startKeyServer(t)
  for (const status of [301, 302, 303, 307, 308]) {
    server.answer = (request, response) =>
      request.url === '/' ? response.writeHead(status, { location: '/next' }).end() : response.end('{}')
    const outbound = open(t, { allowLoopback: true })
    assert.equal(await failureOf(outbound.getJson(`${server.url}/`)), 'status')
  }
  assert.ok(!server.asked.includes('/next'))
})

test('S01: size is capped, with or without a stated length', async (t) => {
  const server = await startKeyServer(t)
  const outbound = open(t, { allowLoopback: true, maxBytes: 1000 })
  server.answer = (_request, response) => response.end(JSON.stringify('x'.repeat(998)))
  assert.equal(await failureOf(outbound.getJson(`${server.url}/`)), 'answered')
  server.answer = (_request, response) => response.end(JSON.stringify('x'.repeat(999)))
  assert.equal(await failureOf(outbound.getJson(`${server.url}/`)), 'too large')
  server.answer = (_request, response) => {
    const timer = setInterval(() => response.write('x'.repeat(400)), 5)
    response.on('close', () => clearInterval(timer))
  }
  assert.equal(await failureOf(outbound.getJson(`${server.url}/`)), 'too large')
})

test('S01: time is capped for the whole call, however the answer drips', async (t) => {
  const server = await startKeyServer(t)
  const outbound = open(t, { allowLoopback: true, timeoutMs: 200 })
  const hanging: (typeof server.answer)[] = [
    () => {},
    (_request, response) => void response.writeHead(200).flushHeaders(),
    (_request, response) => {
      const timer = setInterval(() => response.write(' '), 20)
      response.on('close', () => clearInterval(timer))
    },
  ]
  for (const answer of hanging) {
    server.answer = answer
    const start = performance.now()
    assert.equal(await failureOf(outbound.getJson(`${server.url}/`)), 'timeout')
    assert.ok(performance.now() - start < 1000)
  }
})

test('S01: the environment names no proxy for these calls', async (t) => {
  const proxy = await startKeyServer(t)
  const server = await startKeyServer(t)
  server.serve({ direct: true })
  for (const name of ['HTTP_PROXY', 'http_proxy', 'HTTPS_PROXY', 'ALL_PROXY', 'NODE_USE_ENV_PROXY']) {
    const before = process.env[name]
    process.env[name] = name === 'NODE_USE_ENV_PROXY' ? '1' : proxy.url
    t.after(() => {
      if (before === undefined) delete process.env[name]
      else process.env[name] = before
    })
  }
  const outbound = open(t, { allowLoopback: true })
  assert.deepEqual(await outbound.getJson(`${server.url}/`), { direct: true })
  assert.deepEqual(proxy.asked, [])
})

test('https: the certificate is verified, and may be of a named authority', async (t) => {
  const { certificate, key } = await selfSigned('localhost')
  const server = createTlsServer({ cert: certificate, key }, (_request, response) =>
    response.end('{"tls":true}'),
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const stranger = open(t, { allowLoopback: true })
  assert.equal(await failureOf(stranger.getJson(`https://localhost:${port}/`)), 'unreachable')
  const known = open(t, { allowLoopback: true, authorities: [certificate] })
  assert.deepEqual(await known.getJson(`https://localhost:${port}/`), { tls: true })
  // The name in the certificate counts, not only who signed it.
  assert.equal(await failureOf(known.getJson(`https://127.0.0.1:${port}/`)), 'unreachable')
})

async function selfSigned(name: string): Promise<{ certificate: string; key: string }> {
  await import('reflect-metadata')
  const x509 = await import('@peculiar/x509')
  x509.cryptoProvider.set(webcrypto as unknown as Crypto)
  const keys = await webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, [
    'sign',
    'verify',
  ])
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=${name}`,
    notBefore: new Date(Date.now() - 60_000),
    notAfter: new Date(Date.now() + 3_600_000),
    keys,
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
    extensions: [
      new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: name }]),
      new x509.BasicConstraintsExtension(true),
    ],
  })
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64')
  return {
    certificate: certificate.toString('pem'),
    key: `-----BEGIN PRIVATE KEY-----\n${pkcs8}\n-----END PRIVATE KEY-----\n`,
  }
}

test('S01: published SSRF targets are not called', async (t) => {
  const rows = [...readCases(t, 'injection/ssrf_lists'), ...readCases(t, 'injection/url_parsing_wpt')]
  // Every name resolves inside, as an attacker's would.
  const outbound = open(t, { resolve: resolvesTo(['127.0.0.1']).resolve })
  let ran = 0
  for (const row of rows) {
    const payload = row.payload ?? ''
    const url = URL.parse(payload)
    const host = url === null ? '' : bareHost(url.hostname)
    // A benign public literal would really be called.
    if (isIP(host) !== 0 && !isSpecialAddress(host)) continue
    ran++
    assert.equal(await failureOf(outbound.getJson(payload)), 'refused', row.id)
  }
  t.diagnostic(`${ran} of ${rows.length} targets tried, all refused`)
})
