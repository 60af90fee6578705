import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, request, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { after, before, test } from 'node:test'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { type App, createApp } from '../../src/app/app.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import { command, commandJson } from './sallyport.ts'

/** P09: what goes on for long ends with the credential that it was let in with. */

const stream = '{ description: ok, content: { text/event-stream: {} } }'
const contract = `
openapi: 3.1.0
info: { title: Streams, version: "1" }
components: { securitySchemes: { bearer: { type: http, scheme: bearer }, key: { type: apiKey, in: header, name: X-API-Key } } }
security: [{ bearer: [] }, { key: [] }]
paths:
  /events: { get: { operationId: events, responses: { '200': ${stream} } } }
  /public: { get: { operationId: open, security: [], responses: { '200': ${stream} } } }
  /socket: { get: { operationId: socket, x-sallyport: { websocket: true }, responses: { '101': { description: ok } } } }
`

let folder: string
let upstream: Server
let app: App
let url: string
let sign: (claims: object) => Promise<string>
const streams = new Set<ServerResponse>()
const sockets = new Set<Duplex>()

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-leases-'))
  upstream = createServer((_request, response) => {
    streams.add(response)
    response.on('close', () => streams.delete(response))
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' })
    const timer = setInterval(() => response.write('data: tick\n\n'), 50)
    response.on('close', () => clearInterval(timer))
  })
  upstream.on('upgrade', (asked, socket: Duplex) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket)).on('error', () => undefined)
    const accept = createHash('sha1')
      .update(`${asked.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
      .digest('base64')
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    )
    const timer = setInterval(() => socket.write(Buffer.of(0x81, 2, 0x68, 0x69)), 50)
    socket.on('close', () => clearInterval(timer))
  })
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve))
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true })
  writeFileSync(
    join(folder, 'jwks.json'),
    JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: 'k', alg: 'ES256' }] }),
  )
  writeFileSync(join(folder, 'contract.yaml'), contract)
  const issuer = 'https://id.example.test'
  const audience = 'https://api.example.test'
  writeFileSync(
    join(folder, 'sallyport.yaml'),
    JSON.stringify({
      listen: [{ address: '127.0.0.1:0' }],
      log: { events: 'none' },
      store: { durable: 'sqlite:state.db' },
      keys: { header: 'X-API-Key' },
      issuers: { main: { issuer, audience, algorithms: ['ES256'], keys: { jwks: 'jwks.json' } } },
      apis: {
        streams: {
          contract: 'contract.yaml',
          upstream: `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`,
        },
      },
    }),
  )
  app = await createApp(await loadConfig(join(folder, 'sallyport.yaml'), {}))
  url = app.addresses.find(({ kind }) => kind === 'api')?.url ?? ''
  const now = Math.floor(Date.now() / 1000)
  sign = (claims) =>
    new SignJWT({ iss: issuer, aud: audience, sub: 'ada', iat: now, exp: now + 600, ...claims })
      .setProtectedHeader({ alg: 'ES256', kid: 'k', typ: 'at+jwt' })
      .sign(privateKey)
})

after(async () => {
  await app?.close(0)
  upstream.closeAllConnections()
  for (const socket of sockets) socket.destroy()
  await new Promise<void>((resolve) => upstream.close(() => resolve()))
  rmSync(folder, { recursive: true, force: true })
})

interface Watched {
  /** Resolves when the reply is over: whether it was whole, and what came. */
  readonly over: Promise<{ readonly whole: boolean; readonly bytes: Buffer }>
  readonly bytes: () => number
  stop(): void
}

/** Opens a stream of events, or a WebSocket, and reads it. */
function open(path: string, headers: Record<string, string>): Promise<Watched> {
  return new Promise((resolve, reject) => {
    const upgrade =
      path === '/socket'
        ? {
            connection: 'Upgrade',
            upgrade: 'websocket',
            'sec-websocket-version': '13',
            'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
          }
        : {}
    const call = request(url + path, { headers: { ...headers, ...upgrade }, agent: false })
    const watch = (source: Duplex | import('node:http').IncomingMessage, whole: () => boolean): void => {
      const chunks: Buffer[] = []
      source.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', () => undefined)
      resolve({
        over: new Promise((done) =>
          source.once('close', () => done({ whole: whole(), bytes: Buffer.concat(chunks) })),
        ),
        bytes: () => chunks.reduce((sum, { length }) => sum + length, 0),
        stop: () => void source.destroy(),
      })
    }
    call.on('response', (response) => {
      if (response.statusCode === 200) return watch(response, () => response.complete)
      response.resume()
      reject(new Error(`status ${response.statusCode}`))
    })
    call.on('upgrade', (_response, socket) => watch(socket, () => true))
    call.on('error', reject)
    call.end()
  })
}

const bearer = async (claims: object): Promise<Record<string, string>> => ({
  authorization: `Bearer ${await sign(claims)}`,
})
const soon = (seconds: number): object => ({ exp: Math.floor(Date.now() / 1000) + seconds })
const late = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

function within(watched: Watched, ms: number): Promise<{ whole: boolean; bytes: Buffer }> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`still open after ${ms} ms`)), ms)
    void watched.over.then((over) => {
      clearTimeout(timer)
      resolve(over)
    })
  })
}

test('P09: a stream of events ends, as a whole one, when its token expires; the upstream hears of it', async () => {
  const watched = await open('/events', await bearer(soon(3)))
  await late(500)
  assert.ok(watched.bytes() > 0)
  const { whole, bytes } = await within(watched, 10_000)
  assert.ok(whole, 'the caller sees the end, not a broken connection')
  assert.match(bytes.toString(), /^(?:data: tick\n\n)+$/)
  for (let tries = 0; streams.size > 0 && tries < 100; tries++) await late(20)
  assert.equal(streams.size, 0)
})

test('P09: a WebSocket is closed with 1008 when its token expires', async () => {
  const watched = await open('/socket', await bearer(soon(3)))
  await late(300)
  assert.ok(watched.bytes() > 0)
  const { bytes } = await within(watched, 10_000)
  assert.deepEqual([...bytes.subarray(-4)], [0x88, 2, 1008 >> 8, 1008 & 255])
  assert.equal(bytes.subarray(0, -4).length % 4, 0, 'between two frames')
  for (let tries = 0; sockets.size > 0 && tries < 100; tries++) await late(20)
  assert.equal(sockets.size, 0)
})

test('P09: both end when the credential is taken back, and others go on', async () => {
  const made = await commandJson(folder, 'keys', 'create', '--name', 'stream', '--owner', 'bench')
  const [text, id] = [String(made['key']), String(made['id'])]
  const mine = [
    await open('/events', await bearer({ jti: 'one' })),
    await open('/socket', await bearer({ jti: 'one' })),
    await open('/events', { 'x-api-key': text }),
  ]
  const others = [
    await open('/events', await bearer({ jti: 'two' })),
    await open('/socket', await bearer({ jti: 'two' })),
    await open('/public', {}),
  ]
  await command(folder, 'tokens', 'revoke', '--jti', 'one')
  await command(folder, 'keys', 'revoke', id)
  for (const watched of mine) await within(watched, 10_000)
  await late(1_500)
  for (const watched of others) {
    const before = watched.bytes()
    await late(300)
    assert.ok(watched.bytes() > before, 'goes on')
    watched.stop()
  }
})
