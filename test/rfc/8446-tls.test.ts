import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls'
import { Unusable } from '../../src/kernel/finding.ts'
import { createListeners, type Listeners } from '../../src/stages/listen/create-listeners.ts'
import type { ListenerOptions } from '../../src/stages/listen/options.ts'
import { type Authority, createAuthority } from './certificate-authority.ts'
import { CountingDoor } from './counting-door.ts'
import { sendRaw } from './raw-client.ts'

const directory = mkdtempSync(join(tmpdir(), 'sallyport-tls-'))
const door = new CountingDoor()
let servers: Authority
let devices: Authority
let strangers: Authority
let listeners: Listeners
const ports: number[] = []

const tlsOf = (certificate: { certificate: string; key: string }): ListenerOptions => ({
  host: '127.0.0.1',
  port: 0,
  tls: { certificate: certificate.certificate, key: certificate.key },
})

before(async () => {
  ;[servers, devices, strangers] = await Promise.all([
    createAuthority('servers'),
    createAuthority('devices'),
    createAuthority('strangers'),
  ])
  const server = await servers.issue('localhost', { use: 'server' })
  const options = [
    { ...tlsOf(server), plain: false },
    { host: '127.0.0.1', port: 0, tls: { ...server, clientAuthorities: devices.certificate } },
    { host: '127.0.0.1', port: 0, redirect: 'https' as const },
  ]
  listeners = await createListeners({ listeners: options, hosts: ['api.example'] }, door)
  ports.push(...listeners.addresses.map(({ port }) => port))
})
after(async () => {
  await listeners.close(0)
  rmSync(directory, { recursive: true })
})
beforeEach(() => door.clear())

/** The reply to one request, or the error of the handshake. */
function call(port: number, options: ConnectionOptions = {}): Promise<string> {
  return new Promise((resolve) => {
    let text = ''
    const socket: TLSSocket = connect({
      port,
      host: '127.0.0.1',
      servername: 'localhost',
      ca: servers.certificate,
      ...options,
    })
    socket.on('secureConnect', () =>
      socket.write('GET /a HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'),
    )
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1')
    })
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    socket.on('close', () => resolve(text))
  })
}

test('T01 old versions and weak suites fail; the order of suites is ours', async () => {
  assert.match(await call(ports[0] ?? 0), /^HTTP\/1\.1 200/)
  assert.match(await call(ports[0] ?? 0, { maxVersion: 'TLSv1.2' }), /^HTTP\/1\.1 200/)
  for (const maxVersion of ['TLSv1.1', 'TLSv1'] as const)
    assert.doesNotMatch(
      await call(ports[0] ?? 0, { minVersion: 'TLSv1', maxVersion, ciphers: 'DEFAULT@SECLEVEL=0' }),
      /HTTP/,
    )
  for (const ciphers of [
    'AES128-GCM-SHA256',
    'ECDHE-ECDSA-AES128-SHA256',
    'ECDHE-ECDSA-AES256-SHA',
    'AES256-SHA',
  ])
    assert.doesNotMatch(
      await call(ports[0] ?? 0, { maxVersion: 'TLSv1.2', ciphers: `${ciphers}:@SECLEVEL=0` }),
      /HTTP/,
      ciphers,
    )
  await sleep(30)
  assert.ok(door.rejected.length >= 6, `${door.rejected.length} on record`)
  for (const { denial, peer } of door.rejected) {
    assert.equal(peer, '127.0.0.1')
    assert.match(denial.reason, /^TLS: /)
  }
})

test('ALPN chooses the protocol, and nothing else is agreed', async () => {
  for (const protocol of ['h2', 'http/1.1']) {
    const socket = connect({
      port: ports[0] ?? 0,
      host: '127.0.0.1',
      servername: 'localhost',
      ca: servers.certificate,
      ALPNProtocols: [protocol],
    })
    await new Promise((resolve) => socket.once('secureConnect', resolve))
    assert.equal(socket.alpnProtocol, protocol)
    socket.destroy()
  }
  assert.doesNotMatch(await call(ports[0] ?? 0, { ALPNProtocols: ['spdy/3'] }), /HTTP/)
})

test('T04 client certificates: verified ones are handed over, others end the handshake', async () => {
  const port = ports[1] ?? 0
  const good = await devices.issue('device-1', { use: 'client', uri: 'urn:device:1' })
  assert.match(await call(port, { cert: good.certificate, key: good.key }), /^HTTP\/1\.1 200/)
  const der = door.seen[0]?.arrived.channel.certificate
  assert.equal(new X509Certificate(Buffer.from(der ?? [])).subjectAltName, 'URI:urn:device:1')
  assert.equal(door.seen[0]?.arrived.channel.serverName, 'localhost')
  door.clear()
  assert.match(await call(port), /^HTTP\/1\.1 200/)
  assert.equal(door.seen[0]?.arrived.channel.certificate, undefined)
  door.clear()
  const bad = await Promise.all([
    strangers.issue('device-1', { use: 'client' }),
    devices.issue('device-1', { use: 'client', expired: true }),
    devices.issue('device-1', { use: 'server' }),
  ])
  for (const { certificate, key } of bad)
    assert.doesNotMatch(await call(port, { cert: certificate, key }), /HTTP/)
  assert.equal(door.seen.length, 0)
  assert.equal(
    door.rejected.filter(({ denial }) => denial.reason.startsWith('TLS: client certificate')).length,
    3,
  )
})

test('T04 a missing, unreadable or foreign file stops the start', async () => {
  const server = await servers.issue('localhost', { use: 'server' })
  const other = await servers.issue('localhost', { use: 'server' })
  const old = await servers.issue('localhost', { use: 'server', expired: true })
  const text = join(directory, 'text.pem')
  writeFileSync(text, 'no pem')
  const wrong: ListenerOptions['tls'][] = [
    { certificate: join(directory, 'none.crt'), key: server.key },
    { certificate: server.certificate, key: join(directory, 'none.key') },
    { certificate: text, key: server.key },
    { certificate: server.certificate, key: other.key },
    { certificate: old.certificate, key: old.key },
    { certificate: server.certificate, key: server.key, clientAuthorities: join(directory, 'none.ca') },
    { certificate: server.certificate, key: server.key, clientAuthorities: text },
    {
      certificate: server.certificate,
      key: server.key,
      clientAuthorities: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----',
    },
    { certificate: server.certificate, key: server.key, clientAuthorities: directory },
  ]
  for (const tls of wrong)
    await assert.rejects(
      createListeners({ listeners: [{ host: '127.0.0.1', port: 0, ...(tls && { tls }) }] }, door),
      Unusable,
    )
})

test('T05 odd server names leave the process alive', async () => {
  for (const servername of ['x'.repeat(250), 'ünïcode.example', 'a..b', '*.x'])
    await call(ports[0] ?? 0, { servername, checkServerIdentity: () => undefined })
  await sendRaw(ports[0] ?? 0, '\x16\x03\x01\x00\x05hello', 50)
  assert.match(await call(ports[0] ?? 0), /^HTTP\/1\.1 200/)
})

test('T06 a new certificate serves new connections; a bad one keeps the old', async () => {
  const file = (name: string, text: string): string => {
    const path = join(directory, name)
    writeFileSync(path, text)
    return path
  }
  const first = await servers.issue('localhost', { use: 'server' })
  const second = await servers.issue('localhost', { use: 'server' })
  const tls = { certificate: file('r.crt', first.certificate), key: file('r.key', first.key) }
  const own = await createListeners({ listeners: [{ host: '127.0.0.1', port: 0, tls }] }, door)
  const port = own.addresses[0]?.port ?? 0
  const serial = (): Promise<string> =>
    new Promise((resolve) => {
      const socket = connect(
        { port, host: '127.0.0.1', servername: 'localhost', ca: servers.certificate },
        () => {
          resolve(socket.getPeerCertificate().serialNumber)
          socket.destroy()
        },
      )
    })
  const before = await serial()
  file('r.crt', second.certificate)
  assert.throws(() => own.replaceCertificates(), Unusable)
  assert.equal(await serial(), before)
  file('r.key', second.key)
  own.replaceCertificates()
  assert.notEqual(await serial(), before)
  await own.close(0)
})

test('T02 plain HTTP where TLS is required', async () => {
  const onTls = await sendRaw(ports[0] ?? 0, 'GET /a HTTP/1.1\r\nHost: localhost\r\n\r\n')
  assert.deepEqual(onTls.statuses, [403])
  assert.ok(onTls.closed)
  assert.ok(door.rejected.some(({ denial }) => denial.code === 'LISTEN_TLS_REQUIRED'))
  const redirect = ports[2] ?? 0
  for (const [host, location] of [
    ['api.example', 'api.example'],
    ['localhost:80', 'localhost'],
    ['evil.example', 'api.example'],
  ]) {
    const answer = await sendRaw(redirect, `GET /a?b=%0d%0a HTTP/1.1\r\nHost: ${host}\r\n\r\n`)
    assert.deepEqual(answer.statuses, [308])
    assert.ok(
      answer.text.includes(`\r\nLocation: https://${location}:${ports[0]}/a?b=%0d%0a\r\n`),
      answer.text,
    )
  }
  door.clear()
  const post = await sendRaw(redirect, 'POST /a HTTP/1.1\r\nHost: api.example\r\nContent-Length: 0\r\n\r\n')
  assert.deepEqual(post.statuses, [403])
  assert.equal(door.rejected[0]?.denial.code, 'LISTEN_TLS_REQUIRED')
  assert.equal(door.entered, 0)
})

test('plain HTTP beyond loopback must be written', async () => {
  await assert.rejects(createListeners({ listeners: [{ host: '0.0.0.0', port: 0 }] }, door), Unusable)
  await assert.rejects(createListeners({ listeners: [{ host: '::', port: 0 }] }, door), Unusable)
  const allowed = await createListeners(
    { listeners: [{ host: '0.0.0.0', port: 0, plaintext: 'allow' }] },
    door,
  )
  assert.equal(allowed.notes.length, 1)
  await allowed.close(0)
  await assert.rejects(
    createListeners({ listeners: [{ host: '127.0.0.1', port: ports[0] ?? 0 }] }, door),
    Unusable,
  )
})

test('tls: development makes a local authority once, for this user alone', async () => {
  const options = {
    listeners: [{ host: '127.0.0.1', port: 0, tls: 'development' as const }],
    stateDirectory: directory,
  }
  const one = await createListeners(options, door)
  const file = one.developmentAuthority ?? ''
  const ca = readFileSync(file, 'utf8')
  for (const name of ['authority.crt', 'server.crt', 'server.key'])
    assert.equal(statSync(join(directory, 'tls', name)).mode & 0o777, 0o600)
  for (const host of ['localhost', '127.0.0.1']) {
    const status = await new Promise<number | undefined>((resolve, reject) => {
      request({ host, port: one.addresses[0]?.port, path: '/a', ca, family: 4, agent: false }, (reply) => {
        reply.resume()
        resolve(reply.statusCode)
      })
        .on('error', reject)
        .end()
    })
    assert.equal(status, 200)
  }
  await one.close(0)
  const two = await createListeners(options, door)
  assert.equal(readFileSync(file, 'utf8'), ca)
  await two.close(0)
  writeFileSync(join(directory, 'tls', 'server.crt'), 'broken')
  const three = await createListeners(options, door)
  assert.notEqual(readFileSync(file, 'utf8'), ca)
  await three.close(0)
})
