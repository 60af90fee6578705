import assert from 'node:assert/strict'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { after, before, beforeEach, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Upgrade } from '../../src/kernel/facts.ts'
import { createListeners, type Listeners } from '../../src/stages/listen/create-listeners.ts'
import { CountingDoor } from './counting-door.ts'
import { converse, sendRaw } from './raw-client.ts'

const door = new CountingDoor()
let listeners: Listeners
let echo: Server
let port = 0
const upstreams: Socket[] = []

before(async () => {
  listeners = await createListeners({ listeners: [{ host: '127.0.0.1', port: 0 }] }, door)
  port = listeners.addresses[0]?.port ?? 0
  echo = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.pipe(socket)
  })
  await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve))
})
after(async () => {
  await listeners.close(0)
  for (const socket of upstreams) socket.destroy()
  echo.close()
})
beforeEach(() => {
  door.clear()
  door.early = undefined
})

const handshake = (lines = '', version = '13', key = 'dGhlIHNhbXBsZSBub25jZQ=='): string =>
  `GET /chat HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\nSec-WebSocket-Version: ${version}\r\nSec-WebSocket-Key: ${key}\r\n${lines}\r\n`

async function dial(head = ''): Promise<Upgrade> {
  const { port: at } = echo.address() as { port: number }
  const socket = connect(at, '127.0.0.1')
  upstreams.push(socket)
  await new Promise((resolve) => socket.once('connect', resolve))
  return { socket, head: Buffer.from(head) }
}

test('P06 a tunnel opens on 101 alone and carries bytes both ways, early ones too', async () => {
  door.answer = async ({ upgrade, fields }) => {
    assert.ok(upgrade !== undefined)
    assert.equal(fields.has('upgrade'), false)
    return {
      status: 101,
      fields: ['Sec-WebSocket-Accept', 'x'],
      body: undefined,
      tunnel: await dial('hello '),
    }
  }
  const answer = await converse(port, [`${handshake()}early `, 'late'])
  assert.match(
    answer.text,
    /^HTTP\/1\.1 101 Switching Protocols\r\nSec-WebSocket-Accept: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nhello early late$/,
  )
  await sleep(30)
  assert.ok(upstreams.at(-1)?.destroyed, 'the upstream side stays open after the caller left')
})

test('P06 without 101 the reply is an ordinary one and the connection closes', async () => {
  const refused = await sendRaw(port, `${handshake()}GET /second HTTP/1.1\r\nHost: a\r\n\r\n`)
  assert.deepEqual(refused.statuses, [200])
  assert.ok(refused.closed)
  assert.equal(door.entered, 1)
  door.answer = async () => ({ status: 200, fields: [], body: undefined, tunnel: await dial() })
  assert.deepEqual((await sendRaw(port, handshake())).statuses, [200])
  await sleep(30)
  assert.ok(upstreams.at(-1)?.destroyed)
})

test('malformed handshakes are refused', async () => {
  const wrong = [
    handshake('', '12'),
    handshake('', '13', 'short'),
    handshake('Content-Length: 5\r\n'),
    handshake('Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n'),
    handshake().replace('GET', 'POST'),
    handshake().replace('HTTP/1.1', 'HTTP/1.0'),
    'GET /chat HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
  ]
  for (const bytes of wrong) {
    door.clear()
    const answer = await sendRaw(port, bytes)
    assert.ok(answer.statuses[0] === 400 || answer.statuses[0] === 505, `${bytes}\n${answer.text}`)
    assert.equal(door.entered, 0, bytes)
    assert.equal(door.rejected.length, 1)
  }
})

test('Upgrade without Connection is no handshake', async () => {
  const answer = await sendRaw(port, handshake().replace('keep-alive, Upgrade', 'keep-alive'))
  assert.deepEqual(answer.statuses, [200])
  assert.equal(door.seen[0]?.arrived.upgrade, undefined)
})

test('an upstream that breaks ends the caller’s side', async () => {
  door.answer = async () => ({ status: 101, fields: [], body: undefined, tunnel: await dial() })
  const pending = sendRaw(port, handshake(), 1000)
  await sleep(50)
  upstreams.at(-1)?.destroy(new Error('gone'))
  assert.ok((await pending).closed)
})
