import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import { type RunningGateway, startGateway } from './running-gateway.ts'

const contract = `openapi: 3.1.0
info: { title: Sizes, version: "1" }
paths:
  /any:
    post:
      security: []
      requestBody:
        content:
          application/json: { schema: {} }
          multipart/form-data: { schema: { type: object, additionalProperties: true } }
          application/xml: {}
      responses: { "200": { description: fine } }
  /many:
    post:
      security: []
      requestBody:
        content:
          application/json:
            schema: { type: array, maxItems: 300, items: { type: integer } }
      responses: { "200": { description: fine } }
`

describe('Q09 V05 V06 V11 what a body may be made of', () => {
  let gateway: RunningGateway
  before(async () => {
    gateway = await startGateway({
      contract,
      api: `    controls: { response-schema: off }
    bounds: { depth: 8, keys: 50, items: 100, string: 2KiB, digits: 40, parts: 5, requestBody: 64KiB }`,
    })
  })
  after(() => gateway.close())

  const send = async (
    body: string | Buffer,
    type = 'application/json',
    path = '/any',
    headers: Record<string, string> = {},
  ): Promise<string> => {
    const reply = await fetch(`${gateway.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': type, ...headers },
      body,
    })
    return reply.status === 200 ? '200' : String(((await reply.json()) as Record<string, unknown>)['code'])
  }
  const json = (value: unknown, path?: string): Promise<string> =>
    send(JSON.stringify(value), undefined, path)
  const keys = (n: number): Record<string, number> =>
    Object.fromEntries(Array.from({ length: n }, (_, i) => [`k${i}`, i]))

  it('JSON: nesting, keys, elements, strings, numbers', async () => {
    const nested = (n: number): string => `${'['.repeat(n)}${']'.repeat(n)}`
    assert.equal(await send(nested(8)), '200')
    assert.equal(await send(nested(9)), 'INSPECT_JSON')
    assert.equal(await json(keys(50)), '200')
    assert.equal(await json(keys(51)), 'INSPECT_JSON')
    assert.equal(await json(Array(100).fill(1)), '200')
    assert.equal(await json(Array(101).fill(1)), 'INSPECT_JSON')
    assert.equal(await json({ a: [Array(101).fill(1)] }), 'INSPECT_JSON')
    assert.equal(await json('a '.repeat(1024)), '200')
    assert.equal(await json('a '.repeat(1025)), 'INSPECT_JSON')
    assert.equal(await json({ ['a '.repeat(1025)]: 1 }), 'INSPECT_JSON')
    assert.equal(await send('1'.repeat(40)), '200')
    assert.equal(await send('1'.repeat(41)), 'INSPECT_JSON')
    assert.equal(await send('1e999'), 'INSPECT_JSON')
  })

  it('the contract lets in more where it says so', async () => {
    assert.equal(await json(Array(300).fill(1), '/many'), '200')
    assert.equal(await json(Array(301).fill(1), '/many'), 'INSPECT_JSON')
  })

  it('multipart: parts', async () => {
    const form = (parts: number): string =>
      `${Array.from({ length: parts }, (_, i) => `--b\r\nContent-Disposition: form-data; name="f${i}"\r\n\r\nx\r\n`).join('')}--b--\r\n`
    assert.equal(await send(form(5), 'multipart/form-data; boundary=b'), '200')
    assert.equal(await send(form(6), 'multipart/form-data; boundary=b'), 'INSPECT_SCHEMA')
  })

  it('XML: no DTD; undeclared kinds and bombs are refused', async () => {
    assert.equal(await send('<a>x</a>', 'application/xml'), '200')
    assert.equal(await send('<!DOCTYPE a><a>x</a>', 'application/xml'), 'INSPECT_INJECTION')
    assert.equal(await send('a: 1', 'application/yaml'), 'INSPECT_MEDIA_TYPE')
    const bomb = gzipSync(Buffer.alloc(1_000_000, 32))
    assert.equal(
      await send(bomb, 'application/json', '/any', { 'content-encoding': 'gzip' }),
      'INSPECT_BODY_TOO_LARGE',
    )
    // Inflated first, looked at then.
    const attack = gzipSync(JSON.stringify({ a: "x' or 1=1--" }))
    assert.equal(
      await send(attack, 'application/json', '/any', { 'content-encoding': 'gzip' }),
      'INSPECT_INJECTION',
    )
  })
})
