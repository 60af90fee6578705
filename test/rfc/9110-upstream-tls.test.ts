import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from 'node:net'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { before, describe, it } from 'node:test'
import { createServer, type Server, type TLSSocket } from 'node:tls'
import type { Answer } from '../../src/kernel/facts.ts'
import { type Denial, isDenied } from '../../src/kernel/verdict.ts'
import { createForward } from '../../src/stages/forward/forward.ts'
import type { ForwardOptions } from '../../src/stages/forward/forward-options.ts'
import { createCall } from '../stand-in/call.ts'
import { createTestAuthority, type Identity, type TestAuthority } from '../stand-in/certificates.ts'
import { ok } from '../stand-in/raw-upstream.ts'

let authority: TestAuthority
let stranger: TestAuthority

before(async () => {
  authority = await createTestAuthority()
  stranger = await createTestAuthority()
})

const big = 'x'.repeat(1_000_000)

/** Starts a TLS upstream with this certificate and makes calls to it. */
async function calls(
  identity: Identity,
  options: Omit<ForwardOptions, 'url'>,
  times = 1,
  more: { maxVersion?: 'TLSv1.1' | 'TLSv1.2'; close?: boolean; body?: string } = {},
): Promise<{
  outcomes: (Answer | Denial)[]
  sockets: TLSSocket[]
  protocols: string[]
  resumed: boolean[]
  heads: string
}> {
  const sockets: TLSSocket[] = []
  const protocols: string[] = []
  let heads = ''
  const server: Server = createServer(
    {
      ...identity,
      ALPNProtocols: ['h2', 'http/1.1'],
      ...(more.maxVersion === undefined
        ? {}
        : { minVersion: 'TLSv1', maxVersion: more.maxVersion, ciphers: 'DEFAULT@SECLEVEL=0' }),
    },
    (socket) => {
      sockets.push(socket)
      protocols.push(socket.getProtocol() ?? '')
      socket.on('error', () => {})
      socket.on('data', (bytes) => {
        heads += bytes.toString('latin1')
        socket.write(ok(more.body ?? 'fine', more.close === true ? 'Connection: close\r\n' : ''))
      })
    },
  )
  server.on('tlsClientError', () => {})
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const forward = createForward({
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ...options,
  })
  const outcomes: (Answer | Denial)[] = []
  const resumed: boolean[] = []
  for (let i = 0; i < times; i++) {
    const outcome = await forward.run(createCall())
    if (!isDenied(outcome) && outcome.body instanceof Readable) {
      const body = await buffer(outcome.body)
      outcomes.push({ ...outcome, body })
    } else outcomes.push(outcome)
    resumed.push(sockets.at(-1)?.isSessionReused() === true)
  }
  await forward.close()
  for (const socket of sockets) socket.destroy()
  server.close()
  return { outcomes, sockets, protocols, resumed, heads }
}

function reasonOf(outcome: Answer | Denial | undefined): string {
  assert.ok(outcome !== undefined && isDenied(outcome), 'was answered')
  assert.equal(outcome.code, 'FORWARD_UNREACHABLE')
  return outcome.reason
}

describe('T03: the upstream’s certificate', () => {
  it('of the right authority and name is taken, over one connection, with HTTP/1.1 alone', async () => {
    const identity = await authority.issue(['127.0.0.1'])
    const { outcomes, sockets, protocols } = await calls(identity, { tls: { ca: authority.ca } }, 3)
    assert.ok(outcomes.every((outcome) => !isDenied(outcome) && outcome.status === 200))
    assert.equal(sockets.length, 1)
    assert.equal(sockets[0]?.alpnProtocol, 'http/1.1')
    assert.deepEqual(protocols, ['TLSv1.3'])
  })

  it('is asked for by name where one is given', async () => {
    const identity = await authority.issue(['inner.example'])
    const tls = { ca: authority.ca, servername: 'inner.example' }
    const { outcomes, sockets } = await calls(identity, { tls })
    assert.ok(outcomes[0] !== undefined && !isDenied(outcomes[0]))
    assert.equal(sockets[0]?.servername, 'inner.example')
  })

  it('for another host is refused', async () => {
    for (const names of [['127.0.0.2'], ['localhost'], ['inner.example']]) {
      const { outcomes, heads } = await calls(await authority.issue(names), { tls: { ca: authority.ca } })
      assert.equal(reasonOf(outcomes[0]), 'ERR_TLS_CERT_ALTNAME_INVALID')
      assert.equal(heads, '', 'nothing was sent')
    }
  })

  it('that has expired, or is not valid yet, is refused', async () => {
    const expired = await calls(await authority.issue(['127.0.0.1'], [-5, -1]), { tls: { ca: authority.ca } })
    assert.equal(reasonOf(expired.outcomes[0]), 'CERT_HAS_EXPIRED')
    const early = await calls(await authority.issue(['127.0.0.1'], [1, 5]), { tls: { ca: authority.ca } })
    assert.equal(reasonOf(early.outcomes[0]), 'CERT_NOT_YET_VALID')
  })

  it('of a stranger is refused, without falling back', async () => {
    const { outcomes, heads } = await calls(
      await stranger.issue(['127.0.0.1']),
      { tls: { ca: authority.ca } },
      2,
    )
    for (const outcome of outcomes)
      assert.match(reasonOf(outcome), /^(?:UNABLE_TO|SELF_SIGNED|DEPTH_ZERO|CERT_SIGNATURE)/)
    assert.equal(heads, '')
    const untrusted = await calls(await stranger.issue(['127.0.0.1']), {})
    assert.match(reasonOf(untrusted.outcomes[0]), /^(?:UNABLE_TO|SELF_SIGNED|DEPTH_ZERO|CERT_SIGNATURE)/)
  })

  it('is not looked at where that is written', async () => {
    const { outcomes } = await calls(await stranger.issue(['else.example'], [-5, -1]), {
      tls: { insecure: true },
    })
    assert.ok(outcomes[0] !== undefined && !isDenied(outcomes[0]))
  })

  it('TLS below 1.2 is refused', async () => {
    const { outcomes } = await calls(await authority.issue(['127.0.0.1']), { tls: { ca: authority.ca } }, 1, {
      maxVersion: 'TLSv1.1',
    })
    assert.ok(outcomes[0] !== undefined && isDenied(outcomes[0]))
  })

  it('an upstream that speaks no TLS is refused', async () => {
    const server = createTcpServer((socket) => {
      socket.on('error', () => {})
      socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const forward = createForward({ url: `https://127.0.0.1:${(server.address() as AddressInfo).port}` })
    assert.ok(isDenied(await forward.run(createCall())))
    await forward.close()
    server.close()
  })

  it('sessions are resumed', async () => {
    const { outcomes, resumed } = await calls(
      await authority.issue(['127.0.0.1']),
      { tls: { ca: authority.ca } },
      3,
      {
        close: true,
      },
    )
    assert.ok(outcomes.every((outcome) => !isDenied(outcome)))
    assert.equal(resumed[2], true)
  })

  it('large bodies pass whole', async () => {
    const { outcomes, sockets } = await calls(
      await authority.issue(['127.0.0.1']),
      { tls: { ca: authority.ca } },
      3,
      {
        body: big,
      },
    )
    for (const outcome of outcomes) {
      assert.ok(!isDenied(outcome) && outcome.body instanceof Uint8Array)
      assert.equal(outcome.body.length, big.length)
    }
    assert.equal(sockets.length, 1)
  })
})

/** A TCP hop that sends on in one piece what comes without a pause of 20 ms. */
async function startGatheringHop(target: number): Promise<{ port: number; close(): void }> {
  const sockets = new Set<Socket>()
  const hop = createTcpServer((near) => {
    const far = connect(target, '127.0.0.1')
    let gathered: Buffer[] = []
    let timer: NodeJS.Timeout | undefined
    near.pipe(far)
    far.on('data', (bytes: Buffer) => {
      gathered.push(bytes)
      clearTimeout(timer)
      timer = setTimeout(() => {
        near.write(Buffer.concat(gathered))
        gathered = []
      }, 20)
    })
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        near.destroy()
        far.destroy()
      })
    }
  })
  hop.listen(0, '127.0.0.1')
  await once(hop, 'listening')
  return {
    port: (hop.address() as AddressInfo).port,
    close() {
      for (const socket of sockets) socket.destroy()
      hop.close()
    },
  }
}

describe('W24 over TLS', () => {
  it('a second reply in a TLS record of its own meets no later call', async () => {
    const server: Server = createServer({ ...(await authority.issue(['127.0.0.1'])) }, (socket) => {
      let turn = 0
      socket.setNoDelay(true)
      socket.on('error', () => {})
      socket.on('data', () => {
        turn++
        // Two records that arrive in one segment: the reply, and one too many.
        socket.write(ok(`own ${turn}`))
        socket.write(ok('poison'))
      })
    })
    server.on('tlsClientError', () => {})
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const hop = await startGatheringHop((server.address() as AddressInfo).port)
    const forward = createForward({
      url: `https://127.0.0.1:${hop.port}`,
      tls: { ca: authority.ca },
      retries: 0,
      maxConnections: 1,
    })
    try {
      const outcomes = await Promise.all(Array.from({ length: 8 }, () => forward.run(createCall())))
      const bodies = outcomes.map((outcome) => {
        assert.ok(!isDenied(outcome) && outcome.body instanceof Uint8Array)
        return Buffer.from(outcome.body).toString()
      })
      assert.deepEqual(new Set(bodies), new Set(['own 1']))
    } finally {
      await forward.close()
      hop.close()
      server.close()
    }
  })
})
