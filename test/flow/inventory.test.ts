import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import type { InventoryOperation, InventoryReply } from '../../src/admin/contract.ts'
import { type RunningGateway, startGateway } from './running-gateway.ts'
import { command, sallyport } from './sallyport.ts'

const contract = `openapi: 3.1.0
info: { title: Things, version: '1' }
security: [{ bearer: [] }]
paths:
  /people/{personId}:
    get:
      operationId: readPerson
      parameters:
        - { name: personId, in: path, required: true, schema: { type: string, maxLength: 40 } }
        - { name: fields, in: query, schema: { type: string, maxLength: 40 } }
      responses:
        '200':
          description: one
          content:
            application/json:
              schema: { type: object, properties: { id: { type: string }, mail: { type: string } } }
    put:
      operationId: writePerson
      parameters: [{ name: personId, in: path, required: true, schema: { type: string, maxLength: 40 } }]
      requestBody:
        required: true
        content:
          application/json:
            schema: { type: object, additionalProperties: false, properties: { name: { type: string } } }
      responses: { '200': { description: ok, content: { application/json: { schema: {} } } } }
  /old:
    get:
      operationId: readOld
      deprecated: true
      security: []
      responses: { '200': { description: ok, content: { application/json: { schema: {} } } } }
  /never:
    get: { operationId: readNever, responses: { '204': { description: nothing } } }
components: { securitySchemes: { bearer: { type: http, scheme: bearer } } }
`

let gateway: RunningGateway
const secrets = ['alice@example.com', '4711-0815', 'canary-value', 'hunter2']

before(async () => {
  gateway = await startGateway({
    contract,
    durable: 'sqlite:state.db',
    api: '    controls: { schema: observe }\n    prune: observe',
  })
  gateway.upstream.answer = (_request, response) => {
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ id: '1', mail: 'alice@example.com', inner: { pin: 4711 } }))
  }
})
after(() => gateway.close())

async function call(path: string, init: RequestInit = {}, sub?: string): Promise<number> {
  const headers = new Headers(init.headers)
  if (sub !== undefined) headers.set('authorization', `Bearer ${await gateway.token({ sub })}`)
  const reply = await fetch(gateway.url + path, { ...init, headers })
  await reply.arrayBuffer()
  return reply.status
}

async function inventory(query = ''): Promise<InventoryReply> {
  return (await (await fetch(`${gateway.adminUrl}/api/v1/inventory${query}`)).json()) as InventoryReply
}

const operationIn = ({ operations }: InventoryReply, id: string): InventoryOperation | undefined =>
  operations.find((one) => one.id === id)

describe('inventory', () => {
  test('what is declared, seen, never called, deprecated and used; with callers and credentials', async () => {
    for (const sub of ['1', '2', '3']) assert.equal(await call('/people/4711-0815?debug=true', {}, sub), 200)
    assert.equal(await call('/people/4711-0815'), 401)
    // Few bodies wait to be looked into at once.
    await wait(400)
    assert.equal(
      await call(
        '/people/1',
        {
          method: 'PUT',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({
            name: 'x',
            isAdmin: true,
            password: 'hunter2',
            extra: { deep: 'canary-value' },
          }),
        },
        '1',
      ),
      200,
    )
    assert.equal(await call('/old'), 200)
    await wait(400)
    const all = await inventory()
    assert.deepEqual(all.summary, {
      declared: 4,
      seen: 3,
      neverCalled: 1,
      deprecatedInUse: 1,
      shadow: 0,
      undocumented: 2,
      sensitive: 3,
    })
    const read = operationIn(all, 'readPerson')
    assert.deepEqual(read?.authentication, { jwt: 3, none: 1 })
    assert.deepEqual(read?.declaredAuthentication, [['bearer']])
    assert.equal(read?.calls, 4)
    assert.equal(read?.refused, 1)
    assert.equal(read?.callers, 4)
    assert.deepEqual(read?.statuses, { '2xx': 3, '4xx': 1 })
    assert.ok(Math.abs(Date.parse(read?.lastSeen ?? '') - Date.now()) < 60_000)
    assert.equal(operationIn(all, 'readNever')?.lastSeen, null)
    const row = all.items.find(({ operation }) => operation === 'readPerson')
    assert.deepEqual(
      [row?.state, row?.path, row?.calls, row?.authentication, row?.dataClasses],
      ['called', '/people/{personId}', 4, ['jwt', 'none'], ['email']],
    )
    assert.equal(all.items.find(({ operation }) => operation === 'readOld')?.state, 'deprecated')
    assert.equal(operationIn(all, 'readOld')?.state, 'deprecated-in-use')
  })

  test('undocumented parameters and properties, with types; classes of sensitive data, with places', async () => {
    const all = await inventory('?api=things')
    const read = operationIn(all, 'readPerson')
    assert.deepEqual(
      read?.undocumented
        .filter((one) => one.in === 'query')
        .map(({ name, type, calls }) => [name, type, calls]),
      [['debug', 'boolean', 3]],
    )
    assert.ok(
      read?.undocumented.some((one) => one.in === 'reply' && one.name === '/inner' && one.type === 'object'),
    )
    assert.ok(
      read?.data.some((one) => one.class === 'email' && one.in === 'reply' && one.pointer === '/mail'),
    )
    const write = operationIn(all, 'writePerson')
    assert.ok(write?.undocumented.some((one) => one.name === '/isAdmin' && one.type === 'boolean'))
    assert.ok(write?.data.some((one) => one.class === 'password' && one.in === 'request'))
    assert.deepEqual(
      (await inventory('?state=never-called')).operations.map(({ id }) => id),
      ['readNever'],
    )
    assert.equal((await fetch(`${gateway.adminUrl}/api/v1/inventory?state=x`)).status, 400)
  })

  test('operations that nobody declared, with templates, and drafted for the contract', async () => {
    for (const id of ['1001', '1002', '1003'])
      assert.equal(await call(`/people/${id}/orders?page=2&since=2026-11-24`, {}, id), 404)
    assert.equal(await call('/people/9', { method: 'DELETE' }), 405)
    assert.equal(await call('/wp-login.php'), 404)
    await wait(400)
    const { shadow } = await inventory('?state=shadow')
    const orders = shadow.find(({ template }) => template === '/people/{personId}/orders')
    assert.equal(orders?.likely, 'client')
    assert.equal(orders?.calls, 3)
    assert.deepEqual(orders?.authentication, { bearer: 3 })
    assert.ok(shadow.some((one) => one.method === 'DELETE' && one.template === '/people/{personId}'))
    const { items } = await inventory('?state=shadow')
    assert.ok(items.every((one) => one.state === 'shadow' && one.operation === null))
    assert.ok(items.some((one) => one.draft?.includes('/people/{personId}/orders') === true))
    assert.equal(shadow.find(({ template }) => template === '/wp-login.php')?.likely, 'scanner')
    assert.deepEqual(orders?.draft, {
      '/people/{personId}/orders': {
        get: {
          summary: 'Drafted from 3 calls: complete it before it is declared',
          parameters: [
            { name: 'personId', in: 'path', required: true, schema: { type: 'string', maxLength: 64 } },
            { name: 'page', in: 'query', required: true, schema: { type: 'integer' } },
            { name: 'since', in: 'query', required: true, schema: { type: 'string', format: 'date' } },
          ],
          responses: { default: { description: 'Not seen' } },
          security: [{ bearerAuth: [] }],
        },
      },
    })
  })

  test('no value of any call is in it', async () => {
    const text = JSON.stringify(await inventory())
    for (const secret of secrets) assert.ok(!text.includes(secret), secret)
  })

  test('it outlives the gateway, and a command shows it', async () => {
    await gateway.app.close(500)
    const json = await command(gateway.folder, 'inventory', '--format', 'json')
    assert.equal(json.code, 0, json.err)
    const all = JSON.parse(json.out) as InventoryReply
    assert.equal(operationIn(all, 'readPerson')?.calls, 4)
    assert.ok(all.shadow.length >= 3)
    const text = await sallyport(gateway.folder, 'inventory')
    assert.match(text.out, /GET \/people\/\{personId\} +seen +4/)
    assert.match(text.out, /4 declared, 3 seen, 1 never called, 1 deprecated and used/)
    const draft = await command(gateway.folder, 'inventory', '--format', 'openapi')
    assert.ok('/people/{personId}' in (JSON.parse(draft.out) as { paths: object }).paths)
    for (const secret of secrets) assert.ok(!json.out.includes(secret))
  })
})
