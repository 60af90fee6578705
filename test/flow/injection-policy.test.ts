import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { explain } from '../../src/app/explain.ts'
import { compilePolicy } from '../../src/app/policy/compile-policy.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import { type RunningGateway, startGateway } from './running-gateway.ts'

const post = (id: string): string => `
    post:
      operationId: ${id}
      security: []
      requestBody: { content: { application/json: { schema: {} } } }
      responses: { "200": { description: fine } }`
const contract = `openapi: 3.1.0
info: { title: Notes, version: "1" }
paths:
  /strict:${post('strictly')}
  /balanced:${post('balanced')}
  /lenient:${post('leniently')}
  /account:
    post:
      operationId: account
      security: []
      requestBody:
        content:
          application/json:
            schema:
              type: object
              properties: { password: { type: string, format: password }, name: { type: string } }
      responses: { "200": { description: fine } }
`

describe('injection: what the policy says', () => {
  let gateway: RunningGateway
  before(async () => {
    gateway = await startGateway({
      contract,
      api: `    controls: { response-schema: off }
    injection:
      effort: 10
      operations:
        - { for: strictly, threshold: strict }
        - { for: leniently, threshold: lenient }`,
    })
  })
  after(() => gateway.close())

  const send = async (path: string, body: unknown): Promise<string> => {
    const reply = await fetch(`${gateway.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    return reply.status === 200 ? 'passes' : String(((await reply.json()) as Record<string, unknown>)['code'])
  }

  it('an operation has a threshold of its own', async () => {
    const outcomes = async (text: string): Promise<string[]> =>
      Promise.all(['/strict', '/balanced', '/lenient'].map((path) => send(path, { text })))
    const refused = 'INSPECT_INJECTION'
    assert.deepEqual(await outcomes("x' or 'a'='a' --"), [refused, refused, refused])
    assert.deepEqual(await outcomes('/srv/../data'), [refused, refused, 'passes'])
    assert.deepEqual(await outcomes('<?xml version="1.0"?><a>b</a>'), [refused, 'passes', 'passes'])
    assert.deepEqual(await outcomes('nothing of the kind'), ['passes', 'passes', 'passes'])
  })

  it('a text made to be slow is refused, whatever it says', async () => {
    const slow = '%2527 \uff1c{x}&y;(z)|/*'.repeat(8_000)
    const before = performance.now()
    assert.equal(await send('/balanced', { text: slow }), 'INSPECT_INJECTION')
    assert.ok(performance.now() - before < 5_000)
    assert.equal(
      await send('/balanced', { text: 'a long and honest text, as people write. '.repeat(4_000) }),
      'passes',
    )
  })

  it('a password may hold any signs; a login is no place for SQL all the same', async () => {
    assert.equal(await send('/account', { password: '|G:{pX4;CnK$(F"zA)h8<j' }), 'passes')
    assert.equal(await send('/account', { name: '; cat /etc/hostname' }), 'INSPECT_INJECTION')
    assert.equal(await send('/account', { password: "' or '1'='1' --" }), 'INSPECT_INJECTION')
  })

  it('explain says which detector, how sure and where, and not what', async () => {
    const policy = await compilePolicy(await loadConfig(join(gateway.folder, 'sallyport.yaml'), process.env))
    const explained = await explain(policy, {
      method: 'POST',
      target: '/balanced',
      headers: [['content-type', 'application/json']],
      body: Buffer.from(JSON.stringify({ note: ["x' union select card from accounts --"] })),
    })
    assert.equal(explained.code, 'INSPECT_INJECTION')
    assert.match(
      explained.reason ?? '',
      /^sql\.\w+ \(sqli, 0\.9\d\) at \/body\/\*\/\*, 37 characters, digest \S{16}/,
    )
    assert.doesNotMatch(explained.reason ?? '', /union|card/)
  })
})
