import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type RunningGateway, startGateway } from './running-gateway.ts'

const contract = `openapi: 3.1.0
info: { title: Notes, version: "1" }
paths:
  /notes:
    get:
      security: []
      parameters:
        - { name: q, in: query, schema: { type: string } }
        - { name: limit, in: query, schema: { type: integer } }
      responses: { "200": { description: fine } }
    post:
      security: []
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [title]
              properties:
                title: { type: string, maxLength: 200 }
                html: { type: string }
                callback: { type: string, format: uri }
                kind: { enum: ["a'; drop table notes--", plain] }
      responses: { "200": { description: fine } }
`

describe('attacks in values', () => {
  let gateway: RunningGateway
  before(async () => {
    gateway = await startGateway({
      contract,
      api: `    controls: { response-schema: off }
    injection:
      exceptions:
        - { for: "POST /notes", pointer: /body/html, class: xss, reason: sanitised when it is shown }`,
    })
  })
  after(() => gateway.close())

  const post = (body: unknown): Promise<Response> =>
    fetch(`${gateway.url}/notes`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })

  it('refuses an attack with 403 and does not say which', async () => {
    const before = gateway.upstream.seen.length
    const reply = await fetch(
      `${gateway.url}/notes?q=${encodeURIComponent("x' union select name from users--")}`,
    )
    assert.equal(reply.status, 403)
    const problem = (await reply.json()) as Record<string, unknown>
    assert.equal(problem['code'], 'INSPECT_INJECTION')
    assert.doesNotMatch(JSON.stringify(problem), /sql|union|query/i)
    assert.equal(gateway.upstream.seen.length, before)
  })

  it('refuses one in a body, a field, a name', async () => {
    assert.equal((await post({ title: '"><svg onload=alert(1)>' })).status, 403)
    assert.equal((await post({ title: 'ok', callback: 'http://169.254.169.254/latest/' })).status, 403)
    const field = await fetch(`${gateway.url}/notes`, {
      headers: { 'x-note': '() { :;}; /bin/cat /etc/passwd' },
    })
    assert.equal(field.status, 403)
  })

  it('lets honest text through', async () => {
    assert.equal((await post({ title: "O'Brien's select list; drop me a line -- thanks" })).status, 200)
    assert.equal((await fetch(`${gateway.url}/notes?q=union+square+or+times+square&limit=3`)).status, 200)
  })

  it('looks away where the operator said why, and nowhere else', async () => {
    assert.equal((await post({ title: 'x', html: '<script>alert(1)</script>' })).status, 200)
    assert.equal((await post({ title: 'x', html: "1' or '1'='1" })).status, 403)
  })

  it('does not look where the schema leaves nothing free', async () => {
    assert.equal((await post({ title: 'x', kind: "a'; drop table notes--" })).status, 200)
  })
})
