import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { describe, it } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import type { Answer, Inspected } from '../../src/kernel/facts.ts'
import { Fault } from '../../src/kernel/fault.ts'
import { problemOf } from '../../src/kernel/problem.ts'
import { type Denial, isDenied } from '../../src/kernel/verdict.ts'
import { createForward, type Forward } from '../../src/stages/forward/forward.ts'
import type { ForwardOptions } from '../../src/stages/forward/forward-options.ts'
import { createCall } from '../stand-in/call.ts'
import { type Behaviour, ok, type RawUpstream, startRawUpstream } from '../stand-in/raw-upstream.ts'

/** Runs `use` with a forward stage in front of an upstream that behaves so. */
async function between(
  behaviour: Behaviour | string,
  use: (forward: Forward, upstream: RawUpstream) => Promise<void>,
  options: Partial<ForwardOptions> = {},
): Promise<void> {
  const upstream = await startRawUpstream(behaviour)
  const forward = createForward({ url: upstream.url, retries: 0, ...options })
  try {
    await use(forward, upstream)
  } finally {
    await upstream.close()
    await forward.close()
  }
}

function answered(outcome: Answer | Denial): Answer {
  assert.ok(!isDenied(outcome), isDenied(outcome) ? `${outcome.code} ${outcome.reason}` : '')
  return outcome
}

function refusedAs(outcome: Answer | Denial): string {
  if (isDenied(outcome)) return outcome.code
  if (outcome.body instanceof Readable) outcome.body.destroy()
  return `answered ${outcome.status}`
}

async function bodyOf(answer: Answer): Promise<string> {
  if (answer.body === undefined) return ''
  return answer.body instanceof Readable ? text(answer.body) : Buffer.from(answer.body).toString()
}

/** Waits until something holds, at most a second. */
async function until(holds: () => boolean): Promise<void> {
  for (let i = 0; i < 100 && !holds(); i++) await pause(10)
  assert.ok(holds(), 'did not come about within a second')
}

function upload(body: Readable): Partial<Inspected> {
  return { method: 'POST', input: { value: undefined, body, mediaType: 'application/octet-stream' } }
}

const chunked = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'

const malformed: readonly [string, string][] = [
  [
    'Content-Length and Transfer-Encoding',
    `HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  ],
  ['conflicting Content-Length', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!'],
  ['a bad first chunk', `${chunked}zz\r\nhello\r\n0\r\n\r\n`],
  ['obs-fold', 'HTTP/1.1 200 OK\r\nX-A: a\r\n b\r\nContent-Length: 0\r\n\r\n'],
  ['NUL in a field', 'HTTP/1.1 200 OK\r\nX-A: \0\r\nContent-Length: 0\r\n\r\n'],
  ['status 099', 'HTTP/1.1 099 Low\r\nContent-Length: 0\r\n\r\n'],
  ['status 999', 'HTTP/1.1 999 High\r\nContent-Length: 0\r\n\r\n'],
  ['HTTP/2.0 in text', 'HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n'],
  ['",chunked"', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: ,chunked\r\n\r\n0\r\n\r\n'],
  ['an unknown Transfer-Encoding', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nabc'],
  ['bare LF', 'HTTP/1.1 200 OK\nContent-Length: 0\n\n'],
  ['garbage', '\x16\x03\x01\x02\x00\x01'],
  ['2,000 interim replies', `${'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n'.repeat(2000)}${ok('late')}`],
  [
    'a 101 that nobody asked for',
    'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
  ],
  ['a head without end', `HTTP/1.1 200 OK\r\nX: ${'a'.repeat(70_000)}`],
]

describe('W23, W26: malformed upstream replies', () => {
  for (const [what, reply] of malformed)
    it(`${what} is 502, the connection is destroyed, the next call is untouched`, async () => {
      await between(
        (socket, _head, turn) => socket.write(turn === 1 ? reply : ok('fine'), 'latin1'),
        async (forward, upstream) => {
          const outcome = await forward.run(createCall())
          assert.equal(refusedAs(outcome), 'FORWARD_MALFORMED')
          assert.equal(problemOf('FORWARD_MALFORMED').status, 502)
          await until(() => upstream.open() === 0)
          assert.equal(await bodyOf(answered(await forward.run(createCall()))), 'fine')
          assert.equal(upstream.accepted(), 2)
        },
      )
    })

  it('ten interim replies pass, none of them is told', async () => {
    await between(
      `${'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n'.repeat(10)}${ok('fine')}`,
      async (forward) => {
        const answer = answered(await forward.run(createCall()))
        assert.equal(answer.status, 200)
        assert.ok(!answer.fields.has('link'))
      },
    )
  })
})

describe('W24: octets that answer no request', () => {
  it('behind a reply: the reply counts, the connection does not', async () => {
    await between(
      (socket, _head, turn) => socket.write(turn === 1 ? ok('first') + ok('poison') : ok('second'), 'latin1'),
      async (forward, upstream) => {
        assert.equal(await bodyOf(answered(await forward.run(createCall()))), 'first')
        assert.equal(await bodyOf(answered(await forward.run(createCall()))), 'second')
        assert.equal(upstream.accepted(), 2)
      },
    )
  })

  it('on an idle connection: it is destroyed', async () => {
    await between(
      (socket, _head, turn) => {
        socket.write(ok(turn === 1 ? 'first' : 'second'))
        if (turn === 1) setTimeout(() => socket.write(ok('poison')), 20)
      },
      async (forward, upstream) => {
        assert.equal(await bodyOf(answered(await forward.run(createCall()))), 'first')
        assert.equal(forward.count().idle, 1)
        await until(() => forward.count().connections === 0)
        assert.equal(await bodyOf(answered(await forward.run(createCall()))), 'second')
        assert.equal(upstream.accepted(), 2)
      },
    )
  })

  it('a body behind HEAD, 204 and 304 reaches nobody', async () => {
    for (const [method, status] of [
      ['HEAD', 200],
      ['GET', 204],
      ['GET', 304],
    ] as const)
      await between(
        (socket, _head, turn) =>
          socket.write(turn === 1 ? `HTTP/1.1 ${status} X\r\nContent-Length: 6\r\n\r\npoison` : ok('fine')),
        async (forward, upstream) => {
          const answer = answered(await forward.run(createCall({ method })))
          assert.equal(answer.status, status)
          assert.equal(answer.body, undefined)
          assert.equal(await bodyOf(answered(await forward.run(createCall()))), 'fine')
          assert.equal(upstream.accepted(), 2)
        },
      )
  })
})

describe('W25: replies cut short', () => {
  it('a small body is 502', async () => {
    await between(
      (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhel'),
      async (forward) => {
        const outcome = await forward.run(createCall())
        assert.equal(refusedAs(outcome), 'FORWARD_MALFORMED')
        assert.ok(isDenied(outcome) && outcome.reason === 'upstream_truncated')
      },
    )
  })

  const cuts: readonly [string, string, (socket: Socket) => void][] = [
    ['length, then end', 'HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\nhel', (s) => s.end()],
    [
      'length, then reset',
      'HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\nhel',
      (s) => s.resetAndDestroy(),
    ],
    ['chunks, then end', `${chunked}3\r\nhel\r\n`, (s) => s.end()],
    ['chunks, then reset', `${chunked}3\r\nhel\r\n`, (s) => s.resetAndDestroy()],
    ['chunks, then a bad one', `${chunked}3\r\nhel\r\n`, (s) => s.write('-1\r\n')],
  ]
  for (const [what, reply, cut] of cuts)
    it(`${what}: the stream breaks off with a fault`, async () => {
      await between(
        (socket) => {
          socket.write(reply)
          setTimeout(() => cut(socket), 20)
        },
        async (forward) => {
          const { body } = answered(await forward.run(createCall()))
          assert.ok(body instanceof Readable)
          await assert.rejects(
            text(body),
            (error) => error instanceof Fault && error.code === 'FORWARD_MALFORMED',
          )
          assert.equal(forward.count().connections, 0)
        },
      )
    })
})

describe('W22: a broken request leaves nothing behind', () => {
  it('1,000 good and bad requests in turn', async () => {
    let served = 0
    await between(
      (socket, head) => {
        if (head.startsWith('GET ')) socket.write(ok(`reply ${++served}`))
      },
      async (forward, upstream) => {
        for (let i = 0; i < 500; i++) {
          const body = new Readable({ read() {} })
          body.push('half of a bo')
          const bad = forward.run(createCall(upload(body)))
          if (i % 2 === 0) await new Promise(setImmediate)
          body.destroy(new Fault('LISTEN_MALFORMED', 'listen.body', 'bad chunk'))
          assert.equal(refusedAs(await bad), 'LISTEN_MALFORMED')
          assert.equal(await bodyOf(answered(await forward.run(createCall()))), `reply ${i + 1}`)
        }
        assert.equal(served, 500)
        assert.ok(upstream.heads.every((head) => /^(?:GET|POST) \/things HTTP\/1\.1\r\n/.test(head)))
      },
    )
  })

  it('a body that ends before its stated length, or goes beyond, is never a whole request', async () => {
    for (const sent of ['hel', 'hello world'])
      await between(
        (socket) => socket.write(ok('never')),
        async (forward, upstream) => {
          const body = { ...createCall().body, declared: 5 }
          const outcome = await forward.run(
            createCall({ ...upload(Readable.from([Buffer.from(sent)])), body }),
          )
          assert.equal(refusedAs(outcome), 'LISTEN_MALFORMED')
          await until(() => upstream.open() === 0)
          assert.equal(upstream.heads.length, 0)
        },
      )
  })

  it('a caller who leaves ends the upstream call within a second', async () => {
    await between(
      () => {},
      async (forward, upstream) => {
        const leaving = new AbortController()
        const outcome = forward.run(createCall({ signal: leaving.signal }))
        await until(() => upstream.heads.length === 1)
        const started = performance.now()
        leaving.abort()
        assert.ok(isDenied(await outcome))
        await until(() => upstream.open() === 0)
        assert.ok(performance.now() - started < 1000)
      },
    )
  })
})

describe('connections', () => {
  it('are used again, last in first out, and not beyond what the upstream allows', async () => {
    await between(ok('fine'), async (forward, upstream) => {
      for (let i = 0; i < 20; i++) await forward.run(createCall())
      assert.equal(upstream.accepted(), 1)
    })
    for (const fields of ['Connection: close\r\n', 'Keep-Alive: timeout=1\r\n'])
      await between(ok('fine', fields), async (forward, upstream) => {
        await forward.run(createCall())
        await until(() => forward.count().connections === 0)
        await forward.run(createCall())
        assert.equal(upstream.accepted(), 2)
      })
    await between('HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx', async (forward, upstream) => {
      await forward.run(createCall())
      await forward.run(createCall())
      assert.equal(upstream.accepted(), 2)
    })
  })

  it('of which the upstream has closed one are not used', async () => {
    await between(
      (socket) => {
        socket.write(ok('fine'))
        setTimeout(() => socket.end(), 10)
      },
      async (forward, upstream) => {
        answered(await forward.run(createCall({ method: 'POST' })))
        await until(() => forward.count().connections === 0)
        answered(await forward.run(createCall({ method: 'POST' })))
        assert.equal(upstream.accepted(), 2)
      },
    )
  })

  it('are bounded, and so is the queue before them', async () => {
    const held: Socket[] = []
    await between(
      (socket) => held.push(socket),
      async (forward, upstream) => {
        const calls = Array.from({ length: 6 }, () => forward.run(createCall()))
        await until(() => held.length === 2)
        assert.deepEqual(forward.count(), {
          connections: 2,
          idle: 0,
          waiting: 3,
          tunnels: 0,
          repeats: 0,
          repeatsRefused: 0,
        })
        const last = await calls[5]
        assert.ok(last !== undefined && isDenied(last) && last.code === 'LIMIT_OVERLOAD')
        for (let i = 0; i < 5; i++) {
          await until(() => held.length > i)
          held[i]?.write(ok('fine'))
        }
        for (const call of calls.slice(0, 5)) answered(await call)
        assert.equal(upstream.accepted(), 2)
      },
      { maxConnections: 2, maxQueue: 3 },
    )
  })

  it('that answer before the request is whole are not used again', async () => {
    await between(
      () => {},
      async (forward, upstream) => {
        const body = new Readable({ read() {} })
        body.push('part')
        const call = forward.run(createCall(upload(body)))
        await until(() => upstream.sockets.size === 1)
        for (const socket of upstream.sockets)
          socket.write('HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n')
        assert.equal(answered(await call).status, 413)
        assert.equal(forward.count().connections, 0)
        assert.ok(!body.destroyed, 'the body is the listener’s to drain')
        body.destroy()
      },
    )
  })

  it('end with the stage, calls under way do not', async () => {
    const upstream = await startRawUpstream((socket) => setTimeout(() => socket.write(ok('fine')), 50))
    const forward = createForward({ url: upstream.url })
    const call = forward.run(createCall())
    await until(() => upstream.heads.length === 1)
    const closed = forward.close()
    assert.equal(await bodyOf(answered(await call)), 'fine')
    await closed
    assert.equal(forward.count().connections, 0)
    assert.equal(refusedAs(await forward.run(createCall())), 'GATEWAY_DRAINING')
    await upstream.close()
  })
})

describe('P05: repeats', () => {
  const resetFirst: Behaviour = (socket, _head, turn) => {
    if (turn === 1) socket.resetAndDestroy()
    else socket.write(ok('fine'))
  }

  it('an idempotent call without a byte of reply is sent once more', async () => {
    for (const method of ['GET', 'PUT', 'DELETE'])
      await between(
        resetFirst,
        async (forward, upstream) => {
          answered(await forward.run(createCall({ method })))
          assert.equal(upstream.heads.length, 2)
        },
        { retries: 1 },
      )
  })

  it('never twice more', async () => {
    await between(
      (socket) => socket.destroy(),
      async (forward, upstream) => {
        assert.equal(refusedAs(await forward.run(createCall())), 'FORWARD_UNREACHABLE')
        assert.equal(upstream.heads.length, 2)
      },
      { retries: 1 },
    )
  })

  it('never for POST or PATCH, never for a streamed body, never after a byte of reply', async () => {
    const cases: readonly [Behaviour, Partial<Inspected>][] = [
      [resetFirst, { method: 'POST' }],
      [resetFirst, { method: 'PATCH' }],
      [
        resetFirst,
        {
          ...upload(Readable.from([Buffer.from('x')])),
          method: 'PUT',
          body: { ...createCall().body, declared: 1 },
        },
      ],
      [(socket, _head, turn) => (turn === 1 ? socket.end('H') : socket.write(ok('fine'))), {}],
      [
        (socket, _head, turn) =>
          turn === 1 ? socket.end('HTTP/1.1 103 X\r\n\r\n') : socket.write(ok('fine')),
        {},
      ],
    ]
    for (const [behaviour, call] of cases)
      await between(
        behaviour,
        async (forward, upstream) => {
          assert.ok(isDenied(await forward.run(createCall(call))))
          assert.equal(upstream.heads.length, 1)
        },
        { retries: 1 },
      )
  })

  it('only within the budget', async () => {
    await between(
      (socket) => socket.destroy(),
      async (forward, upstream) => {
        for (let i = 0; i < 40; i++) await forward.run(createCall())
        assert.ok(upstream.heads.length <= 40 + 15, `${upstream.heads.length} requests for 40 calls`)
      },
      { retries: 1 },
    )
  })
})

describe('Q08: every wait ends', () => {
  it('an upstream that never answers is 504, about in time', async () => {
    await between(
      () => {},
      async (forward, upstream) => {
        const started = performance.now()
        assert.equal(refusedAs(await forward.run(createCall())), 'FORWARD_TIMEOUT')
        const took = performance.now() - started
        assert.ok(took >= 200 && took < 1_500, `${took} ms`)
        await until(() => upstream.open() === 0)
      },
      { timeouts: { headMs: 200 } },
    )
  })

  it('a head that trickles does not stretch the time', async () => {
    await between(
      (socket) => {
        const timer = setInterval(() => socket.write('H'), 20)
        socket.on('close', () => clearInterval(timer))
        socket.write('HTTP/1.1 200 ')
      },
      async (forward) => assert.equal(refusedAs(await forward.run(createCall())), 'FORWARD_TIMEOUT'),
      { timeouts: { headMs: 200 } },
    )
  })

  it('a body that stands still breaks off; one that trickles meets the total time', async () => {
    for (const [trickles, timeouts] of [
      [false, { idleBodyMs: 150 }],
      [true, { idleBodyMs: 150, totalMs: 400 }],
    ] as const)
      await between(
        (socket) => {
          socket.write(`${chunked}1\r\na\r\n`)
          if (!trickles) return
          const timer = setInterval(() => socket.write('1\r\na\r\n'), 40)
          socket.on('close', () => clearInterval(timer))
        },
        async (forward) => {
          const { body } = answered(await forward.run(createCall()))
          assert.ok(body instanceof Readable)
          await assert.rejects(
            text(body),
            (error) => error instanceof Fault && error.code === 'FORWARD_TIMEOUT',
          )
        },
        { timeouts },
      )
  })

  it('a call that waits for a connection is 504 in the end', async () => {
    await between(
      () => {},
      async (forward) => {
        const first = forward.run(createCall())
        assert.equal(refusedAs(await forward.run(createCall())), 'FORWARD_TIMEOUT')
        assert.equal(refusedAs(await first), 'FORWARD_TIMEOUT')
      },
      { maxConnections: 1, timeouts: { connectMs: 100, headMs: 400 } },
    )
  })

  it('an upstream that takes no body is 504', async () => {
    await between(
      () => {},
      async (forward, upstream) => {
        const body = new Readable({
          read() {
            this.push(Buffer.alloc(65_536))
          },
        })
        const call = forward.run(createCall(upload(body)))
        await until(() => upstream.sockets.size === 1)
        for (const socket of upstream.sockets) socket.pause()
        assert.equal(refusedAs(await call), 'FORWARD_TIMEOUT')
        body.destroy()
      },
      { timeouts: { idleBodyMs: 200 } },
    )
  })

  it('nobody listens: 502 at once', async () => {
    const upstream = await startRawUpstream('')
    await upstream.close()
    const forward = createForward({ url: upstream.url })
    const outcome = await forward.run(createCall())
    assert.ok(isDenied(outcome) && outcome.code === 'FORWARD_UNREACHABLE')
    assert.equal(outcome.reason, 'ECONNREFUSED')
    await forward.close()
  })

  it('an idle connection is closed after its time', async () => {
    await between(
      ok('fine'),
      async (forward, upstream) => {
        await forward.run(createCall())
        const [socket] = upstream.sockets
        assert.ok(socket !== undefined)
        await once(socket, 'close')
        assert.equal(forward.count().connections, 0)
      },
      { timeouts: { keepAliveMs: 100 } },
    )
  })
})
