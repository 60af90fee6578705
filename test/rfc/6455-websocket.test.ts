import assert from 'node:assert/strict'
import { once } from 'node:events'
import { PassThrough, Readable } from 'node:stream'
import { describe, it } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import type { Answer, Inspected } from '../../src/kernel/facts.ts'
import { Fields } from '../../src/kernel/fields.ts'
import { isDenied } from '../../src/kernel/verdict.ts'
import { createForward, type Forward } from '../../src/stages/forward/forward.ts'
import type { ForwardOptions } from '../../src/stages/forward/forward-options.ts'
import { createCall } from '../stand-in/call.ts'
import { ok, type RawUpstream, startRawUpstream } from '../stand-in/raw-upstream.ts'

// The example of RFC 6455 section 1.3.
const key = 'dGhlIHNhbXBsZSBub25jZQ=='
const accept = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo='

const handshake: Partial<Inspected> = {
  upgrade: { socket: new PassThrough(), head: new Uint8Array() },
  fields: new Fields([
    'sec-websocket-key',
    key,
    'sec-websocket-version',
    '13',
    'sec-websocket-protocol',
    'chat, superchat',
    'sec-websocket-extensions',
    'permessage-deflate',
  ]),
}

function switching(fields = `Sec-WebSocket-Accept: ${accept}\r\n`): string {
  return `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${fields}\r\n`
}

async function between(
  reply: string,
  use: (forward: Forward, upstream: RawUpstream) => Promise<void>,
  options: Partial<ForwardOptions> = {},
): Promise<void> {
  const upstream = await startRawUpstream(reply)
  const forward = createForward({ url: upstream.url, webSocket: () => true, ...options })
  try {
    await use(forward, upstream)
  } finally {
    await upstream.close()
    await forward.close()
  }
}

async function open(forward: Forward): Promise<NonNullable<Answer['tunnel']>> {
  const answer = await forward.run(createCall(handshake))
  assert.ok(!isDenied(answer), isDenied(answer) ? answer.reason : '')
  assert.equal(answer.status, 101)
  assert.ok(answer.tunnel !== undefined)
  return answer.tunnel
}

const maskedHello = Buffer.of(0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58)
const plainHello = Buffer.of(0x81, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f)

describe('P06: WebSocket handshake', () => {
  it('is sent on without extensions, and opens a tunnel both ways', async () => {
    await between(
      switching(`Sec-WebSocket-Accept: ${accept}\r\nSec-WebSocket-Protocol: chat\r\n`),
      async (forward, upstream) => {
        const tunnel = await open(forward)
        const head = upstream.heads[0] ?? ''
        assert.match(head, /\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n/)
        assert.match(head, /\r\nsec-websocket-key: dGhl/)
        assert.ok(!head.includes('permessage-deflate'))
        const [socket] = upstream.sockets
        assert.ok(socket !== undefined)
        tunnel.socket.write(maskedHello)
        const [received] = await once(socket, 'data')
        assert.deepEqual(received, maskedHello)
        socket.write(plainHello)
        const [sent] = await once(tunnel.socket, 'data')
        assert.deepEqual(sent, plainHello)
        assert.equal(forward.count().tunnels, 1)
        assert.equal(forward.count().connections, 0)
        tunnel.socket.destroy()
        await once(socket, 'close')
      },
    )
  })

  it('frames right behind the 101 are not lost', async () => {
    await between(switching() + plainHello.toString('latin1'), async (forward) => {
      const tunnel = await open(forward)
      const [sent] = await once(tunnel.socket, 'data')
      assert.deepEqual(sent, plainHello)
      tunnel.socket.destroy()
    })
  })

  const wrong: readonly [string, string][] = [
    ['a wrong Sec-WebSocket-Accept', switching('Sec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n')],
    ['no Sec-WebSocket-Accept', switching('')],
    ['two of them', switching(`Sec-WebSocket-Accept: ${accept}\r\nSec-WebSocket-Accept: ${accept}\r\n`)],
    ['another protocol', switching().replace('websocket', 'h2c')],
    ['no Connection: Upgrade', switching().replace('Connection: Upgrade', 'Connection: close')],
    [
      'a subprotocol nobody offered',
      switching(`Sec-WebSocket-Accept: ${accept}\r\nSec-WebSocket-Protocol: evil\r\n`),
    ],
    [
      'an extension nobody offered',
      switching(`Sec-WebSocket-Accept: ${accept}\r\nSec-WebSocket-Extensions: permessage-deflate\r\n`),
    ],
  ]
  for (const [what, reply] of wrong)
    it(`101 with ${what} is 502, and no tunnel`, async () => {
      await between(reply, async (forward, upstream) => {
        const outcome = await forward.run(createCall(handshake))
        assert.ok(isDenied(outcome) && outcome.code === 'FORWARD_MALFORMED')
        for (let i = 0; i < 50 && upstream.open() > 0; i++) await pause(10)
        assert.equal(upstream.open(), 0)
        assert.equal(forward.count().tunnels, 0)
      })
    })

  it('any other status is an ordinary reply (CVE-2024-23326)', async () => {
    for (const reply of [ok('no tunnel'), ok('no tunnel', 'Upgrade: websocket\r\nConnection: Upgrade\r\n')])
      await between(reply, async (forward) => {
        const answer = await forward.run(createCall(handshake))
        assert.ok(!isDenied(answer))
        assert.equal(answer.status, 200)
        assert.equal(answer.tunnel, undefined)
        assert.ok(answer.body !== undefined && !(answer.body instanceof Readable))
      })
  })

  it('is an ordinary request on operations that are not marked', async () => {
    await between(
      ok('plain'),
      async (forward, upstream) => {
        const answer = await forward.run(createCall(handshake))
        assert.ok(!isDenied(answer) && answer.status === 200)
        assert.doesNotMatch(upstream.heads[0] ?? '', /upgrade|sec-websocket/i)
      },
      { webSocket: () => false },
    )
  })

  it('tunnels are bounded, and end with the stage', async () => {
    await between(
      switching(),
      async (forward, upstream) => {
        const tunnel = await open(forward)
        const second = await forward.run(createCall(handshake))
        assert.ok(isDenied(second) && second.code === 'LIMIT_OVERLOAD')
        const gone = once(tunnel.socket, 'close')
        tunnel.socket.resume()
        await forward.close()
        await gone
        for (let i = 0; i < 50 && upstream.open() > 0; i++) await pause(10)
        assert.equal(upstream.open(), 0)
      },
      { maxTunnels: 1 },
    )
  })
})

describe('P10: frames in the tunnel', () => {
  const bad: readonly [string, number, Buffer][] = [
    ['an unmasked client frame', 1002, plainHello],
    ['a 64-bit length', 1009, Buffer.of(0x82, 0xff, 0, 0, 1, 0, 0, 0, 0, 0, 1, 2, 3, 4)],
    ['a compressed frame', 1002, Buffer.concat([Buffer.of(0xc1), maskedHello.subarray(1)])],
  ]
  for (const [what, code, bytes] of bad)
    it(`${what} closes with ${code} and never reaches the upstream`, async () => {
      await between(switching(), async (forward, upstream) => {
        const tunnel = await open(forward)
        const [socket] = upstream.sockets
        assert.ok(socket !== undefined)
        let received = 0
        socket.on('data', (data) => {
          received += data.length
        })
        const gone = once(socket, 'close')
        tunnel.socket.write(bytes)
        const parts: Buffer[] = []
        for await (const part of tunnel.socket) parts.push(part as Buffer)
        assert.deepEqual(Buffer.concat(parts), Buffer.of(0x88, 2, code >> 8, code & 255))
        await gone
        assert.equal(received, 0)
      })
    })
})
