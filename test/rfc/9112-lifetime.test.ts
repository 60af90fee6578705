import assert from 'node:assert/strict'
import { Agent, get } from 'node:http'
import { connect, type Socket } from 'node:net'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createListeners } from '../../src/stages/listen/create-listeners.ts'
import { CountingDoor } from './counting-door.ts'
import { sendRaw } from './raw-client.ts'

const listener = { host: '127.0.0.1', port: 0 }
const bytes = 'GET /a HTTP/1.1\r\nHost: a\r\n\r\n'

function text(port: number, agent: Agent): Promise<{ body: string; connection: string | undefined }> {
  return new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port, path: '/a', agent }, (reply) => {
      let body = ''
      reply.on('data', (chunk) => {
        body += chunk
      })
      reply.on('end', () => resolve({ body, connection: reply.headers.connection }))
    }).on('error', reject)
  })
}

test('drain: no new connection, the call under way ends well and closes, idle ones end soon', async () => {
  const door = new CountingDoor()
  door.answer = async () => {
    await sleep(200)
    return { status: 200, fields: [], body: Buffer.from('whole') }
  }
  const listeners = await createListeners({ listeners: [listener] }, door)
  const port = listeners.addresses[0]?.port ?? 0
  const idle = connect(port, '127.0.0.1')
  const idleClosed = new Promise((resolve) => idle.once('close', resolve))
  idle.on('error', () => undefined).resume()
  idle.write(bytes)
  await sleep(300)
  const agent = new Agent({ keepAlive: true })
  const busy = text(port, agent)
  await sleep(50)
  const closed = listeners.close(5000)
  await idleClosed
  assert.deepEqual(await busy, { body: 'whole', connection: 'close' })
  await closed
  await assert.rejects(text(port, new Agent()))
  agent.destroy()
})

test('drain: what was connected before may still bring one call', async () => {
  const door = new CountingDoor()
  door.answer = () => ({ status: 200, fields: [], body: Buffer.from('served') })
  const listeners = await createListeners({ listeners: [listener] }, door)
  const port = listeners.addresses[0]?.port ?? 0
  const [fresh, kept] = [connect(port, '127.0.0.1'), connect(port, '127.0.0.1')]
  const read = [fresh, kept].map((socket) => {
    let all = ''
    socket.on('data', (chunk) => {
      all += chunk
    })
    return new Promise<string>((resolve, reject) =>
      socket.on('error', reject).on('close', () => resolve(all)),
    )
  })
  kept.write(bytes)
  await sleep(200)
  const closed = listeners.close(10_000)
  await sleep(50)
  for (const socket of [fresh, kept]) socket.write(bytes)
  const [one = '', two = ''] = await Promise.all(read)
  assert.match(one, /^HTTP\/1\.1 200 .*\r\nConnection: close\r\n.*served$/is)
  assert.equal(two.split('served').length, 3)
  await closed
})

test('drain: connections that wait at the listener are taken before it closes', async () => {
  const door = new CountingDoor()
  door.answer = () => ({ status: 200, fields: [], body: Buffer.from('served') })
  const listeners = await createListeners({ listeners: [listener] }, door)
  const port = listeners.addresses[0]?.port ?? 0
  // The kernel connects them while this thread takes nothing.
  const sockets = Array.from({ length: 40 }, () => connect(port, '127.0.0.1'))
  const read = sockets.map(async (socket) => {
    let all = ''
    socket.on('error', () => undefined)
    for await (const chunk of socket) all += chunk
    return all
  })
  for (const socket of sockets) socket.write(bytes)
  const closed = listeners.close(10_000)
  for (const all of await Promise.all(read)) assert.match(all, /served$/)
  await closed
})

test('drain: what is not done after the grace is ended', async () => {
  const door = new CountingDoor()
  door.answer = () => new Promise(() => undefined)
  const listeners = await createListeners({ listeners: [listener] }, door)
  const pending = sendRaw(listeners.addresses[0]?.port ?? 0, bytes, 5000)
  await sleep(50)
  const started = Date.now()
  await listeners.close(150)
  assert.ok(Date.now() - started < 1500)
  assert.ok((await pending).closed)
  await sleep(50)
  assert.equal(door.seen[0]?.arrived.signal.aborted, true)
})

test('swap: calls under way stay with their door, new ones enter the new one', async () => {
  const first = new CountingDoor()
  const second = new CountingDoor()
  first.answer = async () => {
    await sleep(100)
    return { status: 200, fields: [], body: Buffer.from('first') }
  }
  second.answer = () => ({ status: 200, fields: [], body: Buffer.from('second') })
  const listeners = await createListeners({ listeners: [listener] }, first)
  const port = listeners.addresses[0]?.port ?? 0
  const before = sendRaw(port, bytes, 200)
  await sleep(30)
  listeners.swap(second)
  const after = await sendRaw(port, bytes)
  assert.match(after.text, /second$/)
  assert.match((await before).text, /first$/)
  await listeners.close(0)
})

test('one address cannot take more than its share of connections', async () => {
  const door = new CountingDoor()
  const listeners = await createListeners(
    { listeners: [listener], limits: { maxConnectionsPerAddress: 3 } },
    door,
  )
  const port = listeners.addresses[0]?.port ?? 0
  const held: Socket[] = []
  for (let i = 0; i < 3; i += 1) held.push(connect(port, '127.0.0.1').on('error', () => undefined))
  await sleep(50)
  const fourth = await sendRaw(port, bytes)
  assert.deepEqual(fourth.statuses, [])
  assert.ok(fourth.closed)
  assert.equal(door.rejected[0]?.denial.code, 'LISTEN_ADDRESS_LIMIT')
  for (const socket of held) socket.destroy()
  await sleep(50)
  assert.deepEqual((await sendRaw(port, bytes)).statuses, [200])
  await listeners.close(0)
})

test('P12 a slow reader holds the reply back: memory does not grow with its size', async () => {
  const door = new CountingDoor()
  let made = 0
  door.answer = () => ({
    status: 200,
    fields: [],
    body: new Readable({
      read() {
        made += 65_536
        this.push(made > 2 ** 30 ? null : Buffer.alloc(65_536))
      },
    }),
  })
  const listeners = await createListeners({ listeners: [listener] }, door)
  const socket = connect(listeners.addresses[0]?.port ?? 0, '127.0.0.1')
  socket.on('error', () => undefined).write(bytes)
  socket.pause()
  await sleep(400)
  assert.ok(made < 16 * 2 ** 20, `${made} bytes made for a reader that does not read`)
  socket.destroy()
  await sleep(50)
  const stopped = made
  await sleep(50)
  assert.equal(made, stopped, 'the body goes on after the caller left')
  await listeners.close(0)
})

test('P11 a streamed reply is not held back', async () => {
  const door = new CountingDoor()
  door.answer = () => ({
    status: 200,
    fields: ['Content-Type', 'text/event-stream'],
    body: Readable.from(
      (async function* () {
        yield Buffer.from('data: 1\n\n')
        await sleep(300)
        yield Buffer.from('data: 2\n\n')
      })(),
    ),
  })
  const listeners = await createListeners({ listeners: [listener] }, door)
  const socket = connect(listeners.addresses[0]?.port ?? 0, '127.0.0.1')
  const started = Date.now()
  socket.write(bytes)
  let seen = ''
  await new Promise<void>((resolve) => {
    socket.on('data', (chunk) => {
      seen += chunk
      if (seen.includes('data: 1')) resolve()
    })
  })
  assert.ok(Date.now() - started < 150)
  socket.destroy()
  await listeners.close(0)
})
