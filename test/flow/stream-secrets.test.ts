import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { after, before, describe, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { type RunningGateway, startGateway } from './running-gateway.ts'

const reply = (type: string): string => `responses: { '200': { description: ok, content: { ${type}: {} } } }`
const contract = `openapi: 3.1.0
info: { title: Streams, version: '1' }
security: [{ bearer: [] }]
paths:
  /events: { get: { operationId: events, ${reply('text/event-stream')} } }
  /lines: { get: { operationId: lines, ${reply('application/x-ndjson')} } }
  /marked: { get: { operationId: marked, ${reply('text/event-stream')} } }
  /whole: { get: { operationId: whole, ${reply('application/x-ndjson')} } }
  /free: { get: { operationId: free, ${reply('text/event-stream')} } }
  /text: { get: { operationId: text, ${reply('text/plain')} } }
components: { securitySchemes: { bearer: { type: http, scheme: bearer } } }
`
// Put together here, so that no scanner takes this file for a leak.
const key = ['AK', 'IAQWERTYUIOPASDFGH'].join('')

async function startWith(secrets: string): Promise<RunningGateway> {
  const gateway = await startGateway({
    contract,
    durable: 'sqlite:events.db',
    top: 'overload: { mode: off }',
    api: `${secrets}
    content:
      - { for: marked, trust: external, mode: redact }
      - { for: whole, trust: external, mode: redact, buffer: full }`,
  })
  gateway.upstream.answer = (_request, response) => answer(response)
  return gateway
}
let answer: (response: ServerResponse) => void
const send =
  (type: string, chunks: readonly string[], pause = 5) =>
  (response: ServerResponse): void => {
    response.setHeader('content-type', type)
    const rest = [...chunks]
    const next = (): void => {
      const chunk = rest.shift()
      if (chunk === undefined) response.end()
      else {
        response.write(chunk)
        setTimeout(next, pause)
      }
    }
    next()
  }
const sse = 'text/event-stream'
const ndjson = 'application/x-ndjson'
/** In pieces of seven characters, so that no piece holds all of it. */
const pieces = (text: string): string[] => text.match(/[\s\S]{1,7}/g) ?? []

async function get(gateway: RunningGateway, path: string): Promise<string | undefined> {
  const response = await fetch(gateway.url + path, {
    headers: { authorization: `Bearer ${await gateway.token()}` },
  })
  assert.equal(response.status, 200)
  return response.text().catch(() => undefined)
}
async function eventOf(gateway: RunningGateway, wanted: RegExp): Promise<string> {
  for (let i = 0; ; i++) {
    const text = await (await fetch(`${gateway.adminUrl}/api/v1/events?limit=20`)).text()
    assert.ok(!text.includes(key))
    if (wanted.test(text) || i > 50) return text
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

describe('secrets in streams, enforced', () => {
  let gateway: RunningGateway
  before(async () => {
    gateway = await startWith('    controls: { secrets: enforce }\n    secrets: { except: free }')
  })
  after(() => gateway.close())

  test('do not leave, in whatever pieces they come', async () => {
    for (const [path, type, text] of [
      ['/lines', ndjson, `{"id":1,"note":"use ${key} now"}\n{"id":2}\n`],
      ['/events', sse, `event: x\ndata: {"note":"use ${key} now"}\n\ndata: [DONE]\n\n`],
      ['/events', sse, `data: use ${key} now\n\n`],
      ['/whole', ndjson, `{"id":1,"note":"use ${key} now"}\n{"id":2}\n`],
      ['/marked', sse, `data: {"note":"use ${key} now"}\n\n`],
    ] as const) {
      answer = send(type, pieces(text))
      const got = await get(gateway, path)
      const cleared = text.replace(key, '[removed: cloud-key]')
      assert.equal(got?.slice(0, cleared.length), cleared, path)
    }
    assert.match(await eventOf(gateway, /cloud-key at \/note/), /removed: cloud-key at \/note/)
  })

  test('nor word by word, as models write', async () => {
    const words = ['Use', ' ', ...(key.match(/.{1,3}/g) ?? []), ' now', '.']
    for (const path of ['/events', '/marked']) {
      answer = send(
        sse,
        words.map((delta) => `data: ${JSON.stringify({ delta })}\n\n`),
        20,
      )
      const said = [...((await get(gateway, path)) ?? '').matchAll(/"delta":"([^"]*)"/g)].map(
        ([, word]) => word,
      )
      assert.equal(said.join(''), 'Use [removed: cloud-key] now.', path)
    }
  })

  test('under a content coding, and in a long text', async () => {
    answer = (response) => {
      response.setHeader('content-type', ndjson)
      response.setHeader('content-encoding', 'gzip')
      response.end(gzipSync(`{"note":"${key}"}\n`))
    }
    assert.equal(await get(gateway, '/lines'), '{"note":"[removed: cloud-key]"}\n')
    const filler = 'quiet streets and lamps. '.repeat(80_000)
    answer = send('text/plain', [filler, key, ' ', filler])
    // Compared as a truth: nobody wants to read four megabytes.
    assert.ok((await get(gateway, '/text')) === `${filler}[removed: cloud-key] ${filler}`)
    const rows = Array.from({ length: 200 }, (_, i) => `{"n":${i},"t":"${filler.slice(0, 9_000)}"}\n`)
    answer = send(ndjson, rows, 0)
    assert.ok((await get(gateway, '/lines')) === rows.join(''))
  })

  test('an operation that is excepted gives them', async () => {
    answer = send(sse, [`data: ${key}\n\n`])
    assert.equal(await get(gateway, '/free'), `data: ${key}\n\n`)
  })
})

test('blocked: the stream breaks off before any of it leaves', async (t) => {
  const gateway = await startWith('    controls: { secrets: enforce }\n    secrets: { action: block }')
  t.after(() => gateway.close())
  for (const [path, type] of [
    ['/lines', ndjson],
    ['/events', sse],
    ['/marked', sse],
  ] as const) {
    answer = send(type, pieces(`data: {"note":"use ${key} now"}\n\n`))
    assert.equal(await get(gateway, path), undefined, path)
  }
  assert.match(await eventOf(gateway, /SCREEN_SECRET/), /SCREEN_SECRET/)
})

test('watched: nothing changes, and a stream that is read says what is in it', async (t) => {
  const gateway = await startWith('')
  t.after(() => gateway.close())
  for (const path of ['/events', '/marked']) {
    answer = send(sse, pieces(`data: {"note":"use ${key} now"}\n\n`))
    assert.ok((await get(gateway, path))?.startsWith(`data: {"note":"use ${key} now"}\n\n`), path)
  }
  assert.match(await eventOf(gateway, /cloud-key at \/note/), /SCREEN_SECRET/)
})
