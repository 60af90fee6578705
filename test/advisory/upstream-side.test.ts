import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { describe, it } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import type { Answer, Inspected } from '../../src/kernel/facts.ts'
import { Fields } from '../../src/kernel/fields.ts'
import { type Denial, isDenied } from '../../src/kernel/verdict.ts'
import { createForward, type Forward } from '../../src/stages/forward/forward.ts'
import type { ForwardOptions } from '../../src/stages/forward/forward-options.ts'
import { createCall } from '../stand-in/call.ts'
import { type Behaviour, ok, type RawUpstream, startRawUpstream } from '../stand-in/raw-upstream.ts'

async function between(
  behaviour: Behaviour | string,
  use: (forward: Forward, upstream: RawUpstream) => Promise<void>,
  options: Partial<ForwardOptions> = {},
): Promise<void> {
  const upstream = await startRawUpstream(behaviour)
  const forward = createForward({ url: upstream.url, ...options })
  try {
    await use(forward, upstream)
  } finally {
    await upstream.close()
    await forward.close()
  }
}

function bodyOf(outcome: Answer | Denial): string {
  assert.ok(!isDenied(outcome) && outcome.body instanceof Uint8Array)
  return Buffer.from(outcome.body).toString()
}

describe('published vulnerabilities of gateways and clients, upstream side', () => {
  it('CVE-2022-35949 (undici): no part of a request changes the authority', async () => {
    await between(ok('fine'), async (forward, upstream) => {
      const attempts: Partial<Inspected>[] = [
        { path: '//evil.example/' },
        { path: '@evil.example/' },
        { path: 'http://evil.example/' },
        { path: '/\\evil.example/' },
        { query: 'x HTTP/1.1\r\nHost: evil.example' },
      ]
      for (const attempt of attempts) assert.ok(isDenied(await forward.run(createCall(attempt))))
      assert.equal(upstream.heads.length, 0)
      await forward.run(
        createCall({ authority: 'evil.example', fields: new Fields(['host', 'evil.example']) }),
      )
      assert.match(upstream.heads[0] ?? '', new RegExp(`\\r\\nHost: 127\\.0\\.0\\.1:${upstream.port}\\r\\n`))
      assert.equal(upstream.heads[0]?.match(/^host:/gim)?.length, 1)
    })
  })

  it('CVE-2022-31150, CVE-2022-35948, CVE-2026-1527 (undici): no line end through path, media type or upgrade', async () => {
    await between(
      ok('fine'),
      async (forward, upstream) => {
        const evil = 'x\r\nX-Evil: 1'
        const upgrade = { socket: new PassThrough(), head: new Uint8Array() }
        const attempts: Partial<Inspected>[] = [
          { path: `/${evil}` },
          { input: { value: undefined, body: Buffer.from('x'), mediaType: evil }, method: 'POST' },
          { fields: new Fields(['x-a', evil]) },
          { fields: new Fields([evil, 'a']) },
          { upgrade, fields: new Fields(['sec-websocket-key', evil]) },
          {
            upgrade,
            fields: new Fields([
              'sec-websocket-protocol',
              evil,
              'sec-websocket-key',
              'dGhlIHNhbXBsZSBub25jZQ==',
            ]),
          },
        ]
        for (const attempt of attempts) assert.ok(isDenied(await forward.run(createCall(attempt))))
        assert.equal(upstream.heads.length, 0)
      },
      { webSocket: () => true },
    )
  })

  it('CVE-2022-31151, CVE-2024-24758 (undici): redirects are not followed, credentials go nowhere else', async () => {
    const elsewhere = await startRawUpstream(ok('stolen'))
    await between(
      `HTTP/1.1 307 Temporary Redirect\r\nLocation: ${elsewhere.url}/\r\nContent-Length: 0\r\n\r\n`,
      async (forward) => {
        const fields = new Fields(['authorization', 'Bearer secret', 'cookie', 'a=b'])
        const answer = await forward.run(createCall({ fields }))
        assert.ok(!isDenied(answer) && answer.status === 307)
        assert.equal(elsewhere.accepted(), 0)
      },
      { credentials: 'forward' },
    )
    await elsewhere.close()
  })

  it('GHSA-35p6-xmwp-9g52 (undici): a reply on an idle connection is nobody’s', async () => {
    await between(
      (socket, _head, turn) => {
        socket.write(ok(`for ${turn}`))
        if (turn === 1) setTimeout(() => socket.write(ok('poison')), 10)
      },
      async (forward) => {
        assert.equal(bodyOf(await forward.run(createCall())), 'for 1')
        for (let i = 0; i < 100 && forward.count().connections > 0; i++) await pause(10)
        assert.equal(forward.count().connections, 0)
        assert.equal(bodyOf(await forward.run(createCall())), 'for 2')
      },
    )
  })

  it('CVE-2026-1525 (undici): repeated Content-Length of a reply is refused', async () => {
    for (const lengths of [
      'Content-Length: 5\r\nContent-Length: 5',
      'Content-Length: 5\r\ncontent-length: 50',
      'Content-Length: 5, 5',
    ])
      await between(`HTTP/1.1 200 OK\r\n${lengths}\r\n\r\nhello`, async (forward) => {
        const outcome = await forward.run(createCall())
        assert.ok(isDenied(outcome) && outcome.code === 'FORWARD_MALFORMED')
      })
  })

  it('CVE-2026-2229, CVE-2026-1526 (undici): no compression is negotiated on a WebSocket', async () => {
    await between(
      ok('fine'),
      async (forward, upstream) => {
        const fields = new Fields([
          'sec-websocket-key',
          'dGhlIHNhbXBsZSBub25jZQ==',
          'sec-websocket-extensions',
          'permessage-deflate; server_max_window_bits=99',
        ])
        await forward.run(
          createCall({ upgrade: { socket: new PassThrough(), head: new Uint8Array() }, fields }),
        )
        assert.doesNotMatch(upstream.heads[0] ?? '', /extensions|deflate/i)
      },
      { webSocket: () => true },
    )
  })

  it('CVE-2024-45410 (Traefik), CVE-2026-33805 (@fastify/reply-from): Connection cannot remove the gateway’s fields', async () => {
    await between(
      ok('fine'),
      async (forward, upstream) => {
        const named =
          'x-forwarded-host, x-forwarded-for, x-request-id, sallyport-identity, host, traceparent, via'
        await forward.run(
          createCall({ fields: new Fields(['connection', named, 'x-forwarded-for', '6.6.6.6']) }),
        )
        const head = upstream.heads[0] ?? ''
        for (const name of [
          'X-Forwarded-Host',
          'X-Forwarded-For: 192.0.2.7',
          'X-Request-Id',
          'Host',
          'traceparent',
          'Via',
          'Sallyport-Identity: own',
        ])
          assert.ok(head.includes(`\r\n${name}`), name)
        assert.doesNotMatch(head, /^connection:|6\.6\.6\.6/im)
      },
      { identity: { header: () => 'own', jwks: { keys: [] } } },
    )
  })

  it('CVE-2026-71849 (Hono): hop-by-hop fields of a reply stay behind', async () => {
    const fields = [
      'Connection: keep-alive, X-Internal',
      'Keep-Alive: timeout=5',
      'X-Internal: 1',
      'Proxy-Authenticate: Basic',
      'Proxy-Connection: x',
      'TE: x',
      'Trailer: x',
      'Upgrade: h2c',
      'X-Kept: 1',
    ]
    await between(ok('fine', `${fields.join('\r\n')}\r\n`), async (forward) => {
      const answer = await forward.run(createCall())
      assert.ok(!isDenied(answer))
      assert.deepEqual(answer.fields.flat, ['x-kept', '1'])
    })
  })

  it('CVE-2026-48020 (Traefik), CVE-2021-21322 (fastify-http-proxy): what stripping a prefix leaves is judged again', async () => {
    await between(
      ok('fine'),
      async (forward, upstream) => {
        for (const path of ['/api../admin', '/api//admin', '/api/./x', '/api/../admin', '/apiadmin'])
          assert.ok(isDenied(await forward.run(createCall({ path }))), path)
        assert.equal(upstream.heads.length, 0)
        await forward.run(createCall({ path: '/api/x' }))
        assert.match(upstream.heads[0] ?? '', /^GET \/x HTTP/)
      },
      { stripPrefix: '/api' },
    )
  })

  it('CVE-2026-71324 (Traefik): CONNECT and TRACE never reach the pool', async () => {
    await between(ok('fine'), async (forward, upstream) => {
      for (const method of ['CONNECT', 'TRACE'])
        assert.ok(isDenied(await forward.run(createCall({ method }))))
      assert.equal(upstream.accepted(), 0)
    })
  })

  it('CVE-2024-32638 (APISIX): a body that is not declared as such is never left in the connection', async () => {
    await between(ok('fine'), async (forward, upstream) => {
      const smuggled = 'GET /admin HTTP/1.1\r\nHost: a\r\n\r\n'
      const fields = new Fields(['transfer-encoding', 'chunked', 'content-length', '0'])
      const input = { value: undefined, body: Buffer.from(smuggled), mediaType: 'text/plain' }
      await forward.run(createCall({ method: 'POST', fields, input }))
      await forward.run(createCall())
      assert.equal(upstream.heads.length, 2)
      assert.ok(upstream.heads[0]?.includes(`Content-Length: ${smuggled.length}\r\n`))
      assert.doesNotMatch(upstream.heads[0] ?? '', /transfer-encoding/i)
    })
  })
})
