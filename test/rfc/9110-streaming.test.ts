import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { describe, it } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import type { Answer } from '../../src/kernel/facts.ts'
import { type Denial, isDenied } from '../../src/kernel/verdict.ts'
import { createForward, type Forward } from '../../src/stages/forward/forward.ts'
import { createCall } from '../stand-in/call.ts'
import { startRawUpstream } from '../stand-in/raw-upstream.ts'

const MB = 1_048_576
const SIZE = 100 * MB

function streamOf(outcome: Answer | Denial): Readable {
  assert.ok(!isDenied(outcome), isDenied(outcome) ? outcome.reason : '')
  assert.ok(outcome.body instanceof Readable)
  return outcome.body
}

/** Resident memory beyond the start, at its highest, while `work` runs. */
async function growth(work: () => Promise<void>): Promise<number> {
  globalThis.gc?.()
  const before = process.memoryUsage.rss()
  let highest = before
  const timer = setInterval(() => {
    highest = Math.max(highest, process.memoryUsage.rss())
  }, 10)
  await work()
  clearInterval(timer)
  return (highest - before) / MB
}

async function withServer(
  listener: Parameters<typeof createServer>[1],
  use: (forward: Forward) => Promise<void>,
): Promise<void> {
  const server: Server = createServer({ highWaterMark: 65_536 }, listener)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const forward = createForward({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
  try {
    await use(forward)
  } finally {
    server.closeAllConnections()
    server.close()
    await forward.close()
  }
}

/** Octets made as they are read. */
function source(size: number): Readable {
  const block = Buffer.alloc(65_536, 'x')
  let left = size
  return new Readable({
    read() {
      const part = Math.min(left, block.length)
      left -= part
      this.push(part === 0 ? null : block.subarray(0, part))
    },
  })
}

describe('streaming', () => {
  it('P11: the first event arrives within 50 ms; leaving ends the upstream within a second', async () => {
    const upstream = await startRawUpstream((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n')
    })
    const forward = createForward({ url: upstream.url, timeouts: { idleBodyMs: 100, totalMs: 200 } })
    const body = streamOf(await forward.run(createCall()))
    const [socket] = upstream.sockets
    assert.ok(socket !== undefined)
    // Longer than both time limits: an event stream may be silent.
    await pause(400)
    const sent = performance.now()
    socket.write('d\r\ndata: first\n\n\r\n')
    const [event] = (await once(body, 'data')) as [Buffer]
    assert.equal(event.toString(), 'data: first\n\n')
    assert.ok(performance.now() - sent < 50, `${performance.now() - sent} ms`)
    const left = performance.now()
    body.destroy()
    await once(socket, 'close')
    assert.ok(performance.now() - left < 1000)
    await forward.close()
    await upstream.close()
  })

  it('P12: a reader who stops holds the upstream back', async () => {
    let written = 0
    const upstream = await startRawUpstream((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${1024 * MB}\r\n\r\n`)
      const block = Buffer.alloc(65_536, 'x')
      const fill = (): void => {
        while (socket.write(block)) written += block.length
        written += block.length
      }
      socket.on('drain', fill)
      fill()
    })
    const forward = createForward({ url: upstream.url, timeouts: { idleBodyMs: 100 } })
    const grown = await growth(async () => {
      const body = streamOf(await forward.run(createCall()))
      // Far longer than the idle limit: waiting for a slow reader is nobody's fault.
      for (let i = 0; i < 8; i++) {
        await pause(100)
        body.read(1024)
      }
      assert.ok(!body.destroyed)
      body.destroy()
    })
    assert.ok(written < 16 * MB, `${written / MB} MB left the upstream`)
    assert.ok(grown < 16, `${grown} MB`)
    await forward.close()
    await upstream.close()
  })

  it('100 MB reply, stated and chunked, in under 64 MB', async (t) => {
    await withServer(
      (request, response) => {
        if (request.url === '/stated') response.setHeader('content-length', SIZE)
        source(SIZE).pipe(response)
      },
      async (forward) => {
        for (const path of ['/stated', '/chunked']) {
          let received = 0
          const grown = await growth(async () => {
            const body = streamOf(await forward.run(createCall({ path })))
            const sink = new Writable({
              highWaterMark: 65_536,
              write(bytes: Buffer, _encoding, done) {
                received += bytes.length
                setImmediate(done)
              },
            })
            await pipeline(body, sink)
          })
          assert.equal(received, SIZE)
          t.diagnostic(`${path}: ${grown.toFixed(1)} MB more`)
          assert.ok(grown < 64, `${grown} MB`)
          assert.equal(forward.count().idle, 1, 'the connection is free again')
        }
      },
    )
  })

  it('100 MB request, stated and chunked, in under 64 MB', async (t) => {
    await withServer(
      (request, response) => {
        let received = 0
        request.on('data', (bytes: Buffer) => {
          received += bytes.length
        })
        request.on('end', () => response.end(`${received} ${request.headers['content-length'] ?? 'chunked'}`))
      },
      async (forward) => {
        for (const declared of [SIZE, undefined]) {
          const body = source(SIZE)
          const grown = await growth(async () => {
            const answer = await forward.run(
              createCall({
                method: 'POST',
                body: { ...createCall().body, declared },
                input: { value: undefined, body, mediaType: 'application/octet-stream' },
              }),
            )
            assert.ok(!isDenied(answer) && answer.body instanceof Uint8Array)
            assert.equal(Buffer.from(answer.body).toString(), `${SIZE} ${declared ?? 'chunked'}`)
          })
          t.diagnostic(`${declared === undefined ? 'chunked' : 'stated'}: ${grown.toFixed(1)} MB more`)
          assert.ok(grown < 64, `${grown} MB`)
        }
      },
    )
  })

  it('an empty streamed body is an empty request', async () => {
    await withServer(
      (request, response) => {
        request.resume()
        request.on('end', () => response.end(request.headers['transfer-encoding'] ?? 'none'))
      },
      async (forward) => {
        const answer = await forward.run(
          createCall({
            method: 'POST',
            input: { value: undefined, body: Readable.from([]), mediaType: undefined },
          }),
        )
        assert.ok(!isDenied(answer) && answer.body instanceof Uint8Array)
        assert.equal(Buffer.from(answer.body).toString(), 'chunked')
      },
    )
  })
})
