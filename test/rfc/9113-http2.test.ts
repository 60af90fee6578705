import assert from 'node:assert/strict'
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  type OutgoingHttpHeaders,
} from 'node:http2'
import { Readable } from 'node:stream'
import { after, before, beforeEach, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { createListeners, type Listeners } from '../../src/stages/listen/create-listeners.ts'
import { createAuthority } from './certificate-authority.ts'
import { CountingDoor } from './counting-door.ts'
import { type Frame, field, frame, frameTypes, preface } from './h2-frames.ts'
import { sendRaw } from './raw-client.ts'

const door = new CountingDoor()
let listeners: Listeners
let plain: Listeners
let ca = ''
let port = 0

before(async () => {
  const authority = await createAuthority('http2')
  ca = authority.certificate
  const tls = await authority.issue('localhost', { use: 'server' })
  const limits = { bodyBytesPerSecond: 1000, bodyGraceMs: 500, maxResetsPerSecond: 200 }
  listeners = await createListeners({ listeners: [{ host: '127.0.0.1', port: 0, tls }], limits }, door)
  plain = await createListeners({ listeners: [{ host: '127.0.0.1', port: 0 }] }, door)
  port = listeners.addresses[0]?.port ?? 0
})
after(() => Promise.all([listeners.close(0), plain.close(0)]))
beforeEach(() => door.clear())

function open(): ClientHttp2Session {
  const session = connect(`https://localhost:${port}`, { ca, lookup: undefined, family: 4 } as never)
  session.on('error', () => undefined)
  return session
}

interface H2Answer {
  readonly status: number | undefined
  readonly text: string
  readonly code: number
  readonly headers: Record<string, unknown>
}

function finish(stream: ClientHttp2Stream): Promise<H2Answer> {
  return new Promise((resolve) => {
    let text = ''
    let headers: Record<string, unknown> = {}
    stream.on('response', (received) => {
      headers = received
    })
    stream.on('data', (chunk) => {
      text += chunk
    })
    stream.on('error', () => undefined)
    stream.on('close', () =>
      resolve({ status: headers[':status'] as number | undefined, text, code: stream.rstCode, headers }),
    )
  })
}

async function call(headers: OutgoingHttpHeaders, body?: string): Promise<H2Answer> {
  const session = open()
  const stream = session.request({ ':path': '/a', ...headers }, { endStream: body === undefined })
  if (body !== undefined) stream.end(body)
  const answer = await finish(stream)
  session.destroy()
  return answer
}

/** Sends frames as they are on a TLS connection; returns what the listener sent. */
function exchange(frames: readonly Buffer[], waitMs = 150): Promise<{ frames: Frame[]; closed: boolean }> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    const socket: TLSSocket = connectTls({
      port,
      host: '127.0.0.1',
      servername: 'localhost',
      ca,
      ALPNProtocols: ['h2'],
    })
    const done = (closed: boolean): void => {
      clearTimeout(timer)
      socket.destroy()
      resolve({ frames: frameTypes(Buffer.concat(chunks)), closed })
    }
    let timer = setTimeout(() => done(false), 2000)
    socket.on('secureConnect', () => {
      socket.write(Buffer.concat([preface, frame(4, 0, 0, Buffer.alloc(0)), ...frames]))
      clearTimeout(timer)
      timer = setTimeout(() => done(false), waitMs)
    })
    socket.on('data', (chunk) => chunks.push(Buffer.from(chunk)))
    socket.on('error', () => done(true))
    socket.on('end', () => done(true))
  })
}

const base: readonly (readonly [string, string])[] = [
  [':method', 'GET'],
  [':scheme', 'https'],
  [':authority', 'localhost'],
  [':path', '/a'],
]
const headers = (fields: readonly (readonly [string, string])[], end = true, id = 1): Buffer =>
  frame(1, end ? 5 : 4, id, Buffer.concat(fields.map(([name, value]) => field(name, value))))

test('requests arrive with method, path, authority, fields and body', async () => {
  const answer = await call(
    { ':method': 'POST', ':path': '/a?b=1', 'x-note': 'x', cookie: ['a=1', 'b=2'] },
    'hello',
  )
  assert.equal(answer.status, 200)
  assert.equal(answer.text, 'ok')
  const seen = door.seen[0]
  assert.equal(seen?.body.toString(), 'hello')
  assert.equal(seen?.arrived.channel.protocol, '2')
  assert.equal(seen?.arrived.channel.secure, true)
  assert.equal(seen?.arrived.authority, `localhost:${port}`)
  assert.equal(seen?.arrived.fields.get('x-note'), 'x')
  assert.deepEqual(seen?.arrived.fields.all('cookie'), ['a=1; b=2'])
  assert.equal(
    seen?.arrived.fields.flat.some((name) => name.startsWith(':')),
    false,
  )
})

test('H01 h2c upgrades and the h2 preface on a plain port', async () => {
  const at = plain.addresses[0]?.port ?? 0
  const answer = await sendRaw(
    at,
    'GET /a HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n',
  )
  assert.deepEqual(answer.statuses, [200])
  assert.deepEqual(door.seen[0]?.arrived.fields.flat, ['host', 'a'])
  assert.equal(door.seen[0]?.arrived.upgrade, undefined)
  const twice = await sendRaw(
    at,
    'GET /a HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\nGET /b HTTP/1.1\r\nHost: a\r\n\r\n',
  )
  assert.deepEqual(twice.statuses, [200])
  assert.ok(twice.closed)
  const prior = await sendRaw(at, 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
  assert.deepEqual(prior.statuses, [400])
  assert.ok(prior.closed)
})

test('H02 malformed field names and values never reach the door', async () => {
  for (const [name, value] of [
    ['X-Upper', 'a'],
    ['', 'a'],
    ['a b', 'c'],
    ['a:b', 'c'],
    ['x', 'a\r\nb'],
    ['x', 'a\0b'],
  ]) {
    door.clear()
    await exchange([headers([...base, [name ?? '', value ?? '']])])
    // nghttp2 drops such a field and may serve the rest: what must never happen is that the field arrives.
    for (const { arrived } of door.seen)
      assert.deepEqual(
        arrived.fields.flat.filter((_, i) => i % 2 === 0),
        [],
      )
  }
})

test('H03 connection-specific fields are a stream error or a refusal', async () => {
  const specific: readonly (readonly [string, string])[] = [
    ['connection', 'close'],
    ['keep-alive', 'x'],
    ['proxy-connection', 'x'],
    ['transfer-encoding', 'chunked'],
    ['upgrade', 'h2c'],
    ['te', 'gzip'],
  ]
  for (const [name, value] of specific) {
    door.clear()
    const answer = await exchange([headers([...base, [name, value]])])
    assert.equal(door.entered, 0, name)
    assert.ok(answer.frames.some(({ type }) => type === 3 || type === 7) || door.rejected.length === 1, name)
  }
  await exchange([headers([...base, ['te', 'trailers']])])
  assert.equal(door.entered, 1)
})

test('H04 pseudo-fields: missing, twice, unknown, late', async () => {
  const without = (name: string): (readonly [string, string])[] => base.filter(([one]) => one !== name)
  const wrong: (readonly [string, string])[][] = [
    without(':method'),
    without(':scheme'),
    without(':path'),
    [...base, [':path', '/b'] as const],
    [...base, [':method', 'POST'] as const],
    [...base, [':unknown', 'x'] as const],
    [['x', 'y'] as const, ...base],
    [...base, [':status', '200'] as const],
    without(':authority'),
  ]
  for (const fields of wrong) {
    door.clear()
    await exchange([headers(fields)])
    assert.equal(door.entered, 0, JSON.stringify(fields))
  }
})

test('H05 content-length other than the data fails the body', async () => {
  const posted = base.map(([name, value]): [string, string] => [name, name === ':method' ? 'POST' : value])
  for (const length of ['3', '10']) {
    door.clear()
    await exchange([
      headers([...posted, ['content-length', length]], false),
      frame(0, 1, 1, Buffer.from('hello')),
    ])
    assert.equal(door.seen.length, 0, length)
  }
  door.clear()
  await exchange([headers([...posted, ['content-length', '5']], false), frame(0, 1, 1, Buffer.from('hello'))])
  assert.equal(door.seen[0]?.body.toString(), 'hello')
})

test('H06 H07 authority against host, user information, :path with #, :scheme', async () => {
  const wrong: OutgoingHttpHeaders[] = [
    { ':authority': 'localhost', host: 'other' },
    { ':authority': 'u@localhost' },
    { ':authority': 'a b' },
    { ':path': '/a#b' },
    { ':path': 'a' },
    { ':path': 'https://localhost/a' },
    { ':scheme': 'http' },
    { ':scheme': 'HTTPS' },
    { ':path': '*' },
  ]
  for (const one of wrong) {
    const answer = await call(one)
    const broken = answer.status === undefined && answer.code === constants.NGHTTP2_PROTOCOL_ERROR
    assert.ok(answer.status === 400 || broken, `${JSON.stringify(one)} ${answer.status}`)
  }
  assert.equal((await call({ ':path': '/a/../b' })).status, 400)
  assert.equal(door.entered, 0)
  assert.equal((await call({ ':authority': 'localhost', host: 'LOCALHOST' })).status, 200)
})

test('H08 CONNECT, plain and extended, is refused', async () => {
  await exchange([
    headers([
      [':method', 'CONNECT'],
      [':authority', 'a:443'],
    ]),
  ])
  await exchange([headers([[':method', 'CONNECT'], [':protocol', 'websocket'], ...base.slice(1)])])
  assert.equal(door.entered, 0)
  assert.equal((await call({ ':method': 'TRACE' })).status, 405)
  assert.equal((await call({ ':method': 'PROPFIND' })).status, 501)
})

test('H10 rapid reset ends the connection with ENHANCE_YOUR_CALM', async () => {
  const frames: Buffer[] = []
  for (let i = 0; i < 600; i += 1) {
    frames.push(headers(base, false, 2 * i + 1))
    frames.push(frame(3, 0, 2 * i + 1, Buffer.from([0, 0, 0, 8])))
  }
  const answer = await exchange(frames, 1000)
  const goaway = answer.frames.find(({ type }) => type === 7)
  assert.ok(goaway !== undefined && answer.closed, 'no GOAWAY')
  assert.equal(goaway.payload.readUInt32BE(4), constants.NGHTTP2_ENHANCE_YOUR_CALM)
  assert.ok(door.entered <= 300, `${door.entered} entered`)
})

test('H10 resets that the caller provokes count too', async () => {
  const frames: Buffer[] = []
  for (let i = 0; i < 600; i += 1) {
    frames.push(headers(base, false, 2 * i + 1))
    frames.push(frame(8, 0, 2 * i + 1, Buffer.from([0, 0, 0, 0])))
  }
  const answer = await exchange(frames, 1000)
  assert.ok(answer.closed)
})

test('H11 floods end the connection and free its session', async () => {
  const before = process.memoryUsage().rss
  const floods: Buffer[][] = [
    Array.from({ length: 20_000 }, () => frame(6, 0, 0, Buffer.alloc(8))),
    Array.from({ length: 20_000 }, () => frame(4, 0, 0, Buffer.alloc(0))),
    [
      frame(1, 1, 1, field(':method', 'GET')),
      ...Array.from({ length: 20_000 }, () => frame(9, 0, 1, Buffer.alloc(0))),
    ],
    Array.from({ length: 10_000 }, () => frame(8, 0, 0, Buffer.from([0x7f, 0xff, 0xff, 0xff]))),
    [headers([...base, ...Array.from({ length: 200 }, (_, i) => [`x-${i}`, 'y'.repeat(100)] as const)])],
  ]
  for (const [index, flood] of floods.entries()) {
    const answer = await exchange(flood, 1500)
    assert.ok(
      answer.closed || answer.frames.some(({ type }) => type === 3 || type === 7) || index < 2,
      `flood ${index}`,
    )
  }
  assert.equal(door.seen.length, 0)
  await sleep(50)
  const grown = (process.memoryUsage().rss - before) / 2 ** 20
  assert.ok(grown < 60, `${grown.toFixed(0)} MiB more`)
  assert.equal((await call({})).status, 200)
})

test('W20 W21 on HTTP/2: target, field count, slow body', async () => {
  assert.equal((await call({ ':path': `/${'a'.repeat(8000)}` })).status, 414)
  const session = open()
  const stream = session.request({ ':method': 'POST', ':path': '/a' }, { endStream: false })
  stream.write('slow')
  const answer = await finish(stream)
  session.destroy()
  assert.equal(answer.status, 408)
})

test('W25 a reply body that breaks off is RST_STREAM, not END_STREAM', async () => {
  door.answer = () => ({
    status: 200,
    fields: [],
    body: Readable.from(
      (async function* () {
        yield Buffer.from('half')
        await sleep(20)
        throw new Error('upstream gone')
      })(),
    ),
  })
  const answer = await call({})
  assert.equal(answer.text, 'half')
  assert.equal(answer.code, constants.NGHTTP2_INTERNAL_ERROR)
})

test('W27 HEAD and 204 have no body; the caller leaving aborts the signal', async () => {
  door.answer = ({ method }) => ({
    status: method === 'HEAD' ? 200 : 204,
    fields: [],
    body: Buffer.from('body'),
  })
  assert.equal((await call({ ':method': 'HEAD' })).text, '')
  assert.equal((await call({})).text, '')
  let aborted = false
  door.answer = async ({ signal }) => {
    await sleep(150)
    aborted = signal.aborted
    return { status: 200, fields: [], body: undefined }
  }
  const session = open()
  const stream = session.request({ ':path': '/a' })
  stream.on('error', () => undefined)
  await sleep(60)
  stream.close(constants.NGHTTP2_CANCEL)
  await sleep(200)
  session.destroy()
  assert.equal(aborted, true)
})
