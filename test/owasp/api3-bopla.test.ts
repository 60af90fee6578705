import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { bearer } from '../../examples/travel/attack.ts'
import { sendAttack } from '../../examples/travel/run-attack.ts'
import { type RunningGateway, startGateway } from '../flow/running-gateway.ts'
import { startTravelGate, type TravelGate } from '../support/travel-gate.ts'

// OWASP API3:2023, broken object property level authorization: what of an object may be read and written.

const contract = `openapi: 3.1.0
info: { title: People, version: '1' }
security: [{ bearer: [] }]
paths:
  /people:
    get:
      operationId: listPeople
      responses:
        '200': { description: all, content: { application/json: { schema: { type: array, items: { $ref: '#/components/schemas/Person' } } } } }
        '202': { description: text, content: { text/plain: { schema: { type: string } } } }
  /people/{personId}:
    parameters: [{ name: personId, in: path, required: true, schema: { type: string } }]
    get:
      operationId: readPerson
      responses: { '200': { description: one, content: { application/json: { schema: { $ref: '#/components/schemas/Person' } } } } }
    put:
      operationId: writePerson
      requestBody: { content: { application/json: { schema: { $ref: '#/components/schemas/Person' } } } }
      responses: { '200': { description: one, content: { application/json: { schema: { $ref: '#/components/schemas/Person' } } } } }
    patch:
      operationId: patchPerson
      requestBody:
        content:
          application/merge-patch+json: { schema: { $ref: '#/components/schemas/Person' } }
          application/json-patch+json: { schema: { type: array, items: { type: object, additionalProperties: true } } }
      responses: { '200': { description: one, content: { application/json: { schema: { $ref: '#/components/schemas/Person' } } } } }
  /teams:
    get:
      operationId: listTeams
      responses:
        '200':
          description: teams
          content:
            application/json:
              schema:
                type: object
                properties:
                  teams:
                    type: array
                    items:
                      type: object
                      properties:
                        lead: { anyOf: [{ $ref: '#/components/schemas/Person' }, { type: 'null' }] }
                        members: { type: array, items: { oneOf: [{ $ref: '#/components/schemas/Employee' }, { $ref: '#/components/schemas/Robot' }] } }
    post:
      operationId: makeTeam
      requestBody:
        content:
          application/json:
            schema: { type: object, properties: { members: { type: array, items: { $ref: '#/components/schemas/Person' } } } }
          application/x-www-form-urlencoded:
            schema: { $ref: '#/components/schemas/Person' }
      responses: { '204': { description: made } }
  /untouched:
    get:
      operationId: readUntouched
      responses: { '200': { description: other, content: { application/json: { schema: { type: object, properties: { salary: { type: integer } } } } } } }
components:
  securitySchemes: { bearer: { type: http, scheme: bearer } }
  schemas:
    Person:
      type: object
      properties:
        id: { type: string }
        name: { type: string }
        email: { type: string }
        role: { type: string }
        salary: { type: number }
        created: { type: string, readOnly: true }
        password: { type: string, writeOnly: true }
        friends: { type: array, items: { $ref: '#/components/schemas/Person' } }
    Employee: { allOf: [{ $ref: '#/components/schemas/Person' }, { type: object, required: [desk], properties: { desk: { type: string } } }] }
    Robot: { type: object, required: [model], properties: { model: { type: string }, salary: { type: number } } }
`

const rules = (more = ''): string => `    functions: [{ for: "*", allow: "true" }]
    objects: { person: { for: [readPerson, writePerson, patchPerson], id: path.personId, allow: "true", owner: path.personId } }
    properties:
      Person.email: { read: "caller.sub == object.owner" }
      Person.salary: { read: "'hr' in caller.roles", write: "'hr' in caller.roles"${more} }
      Person.role: { write: never${more} }
      Person.passwordHash: { read: never }`

describe('API3: properties by role and owner, over sockets (Z04, Z05)', () => {
  let gate: RunningGateway
  let me = ''
  let hr = ''
  const person = (id: string, more = {}) => ({
    id,
    name: 'N',
    email: `${id}@people.example`,
    role: 'user',
    salary: 7,
    ...more,
  })
  const serve = async (lines: string): Promise<void> => {
    const file = join(gate.folder, 'sallyport.yaml')
    const head = readFileSync(file, 'utf8').replace(/ {4}upstream:[\s\S]*$/, '')
    writeFileSync(file, `${head}    upstream: ${gate.upstream.url}\n${lines}\n`)
    await gate.reload()
  }
  const answers = (body: unknown, type = 'application/json'): void => {
    gate.upstream.answer = (_request, response) => {
      response.setHeader('content-type', type)
      response.end(typeof body === 'string' ? body : JSON.stringify(body))
    }
  }
  const send = async (method: string, path: string, token = me, body?: object | string, fields = {}) => {
    gate.upstream.seen.length = 0
    const reply = await sendAttack(gate.url, {
      method,
      path,
      headers: { ...bearer(token), ...fields },
      ...(body !== undefined && { body }),
    })
    return { ...reply, seen: gate.upstream.seen.map((one) => one.body) }
  }
  const json = ({ text }: { text: string }): unknown => JSON.parse(text)

  before(async () => {
    gate = await startGateway({ contract, api: rules() })
    me = await gate.token()
    hr = await gate.token({ sub: '9', roles: ['hr'] })
  })
  after(() => gate.close())

  it('the owner sees what others do not', async () => {
    answers(person('123'))
    assert.deepEqual(json(await send('GET', '/people/123')), {
      id: '123',
      name: 'N',
      email: '123@people.example',
      role: 'user',
    })
    assert.deepEqual(json(await send('GET', '/people/456')), { id: '123', name: 'N', role: 'user' })
    assert.deepEqual(json(await send('GET', '/people/456', hr)), {
      id: '123',
      name: 'N',
      role: 'user',
      salary: 7,
    })
  })

  it('in lists nobody is known to own an element, unless its own rule tells', async () => {
    answers([person('123'), person('456')])
    assert.deepEqual(json(await send('GET', '/people')), [
      { id: '123', name: 'N', role: 'user' },
      { id: '456', name: 'N', role: 'user' },
    ])
    await serve(rules().replace('"caller.sub == object.owner"', '"caller.sub == response.id"'))
    assert.deepEqual(json(await send('GET', '/people')), [
      { id: '123', name: 'N', email: '123@people.example', role: 'user' },
      { id: '456', name: 'N', role: 'user' },
    ])
    await serve(rules())
  })

  it('wherever the schema stands: nested, in arrays, in alternatives, below allOf, in itself', async () => {
    answers({
      teams: [
        { lead: person('1', { friends: [person('2', { friends: [person('3')] })] }), members: [] },
        {
          lead: null,
          members: [
            { ...person('4'), desk: 'A' },
            { model: 'R2', salary: 3 },
          ],
        },
      ],
    })
    const { text } = await send('GET', '/teams')
    assert.ok(!text.includes('@people.example'))
    assert.equal(text.match(/"salary"/g)?.length, 1, 'a robot’s is not a person’s')
    assert.ok(text.includes('"desk":"A"') && text.includes('"id":"3"'))
    answers({ salary: 5 })
    assert.equal((await send('GET', '/untouched')).text, '{"salary":5}')
  })

  it('writeOnly never leaves, readOnly never enters, whatever the rules say', async () => {
    answers(person('123', { password: 'p', passwordHash: 'h', created: 'c' }))
    const read = await send('GET', '/people/123', hr)
    assert.ok(!read.text.includes('password'))
    assert.ok(read.text.includes('created'))
    const written = await send('PUT', '/people/123', hr, { created: 'c' })
    assert.deepEqual([written.status, written.seen], [400, []])
    assert.equal((await send('PUT', '/people/123', hr, { password: 'p' })).status, 200)
  })

  it('a refused write is 403 and does not reach the upstream; its presence counts, not its value', async () => {
    answers(person('123'))
    for (const body of [
      { salary: 7 },
      { name: 'x', salary: 1 },
      { friends: [{ salary: 1 }] },
      { role: 'user' },
    ]) {
      const written = await send('PUT', '/people/123', me, body)
      assert.deepEqual([written.status, written.seen], [403, []], JSON.stringify(body))
      assert.ok(written.text.includes('AUTHORIZE_PROPERTY'))
      assert.ok(!written.text.includes('salary') && !written.text.includes('role"'))
    }
    assert.equal((await send('PUT', '/people/123', me, { name: 'x' })).status, 200)
    assert.equal((await send('PUT', '/people/123', hr, { salary: 8 })).status, 200)
    assert.equal((await send('PUT', '/people/123', hr, { role: 'admin' })).status, 403)
    assert.equal(
      (await send('POST', '/teams', me, { members: [{ name: 'a' }, { role: 'admin' }] })).status,
      403,
    )
    for (const body of ['{"__proto__":{"role":"admin"}}', '{"\\u005f_proto__":{"salary":1}}'])
      assert.equal((await send('PUT', '/people/123', me, body)).status, 400)
  })

  it('drop takes it out of what is forwarded, all other numbers as they were written', async () => {
    await serve(rules(', onRefused: drop'))
    answers(person('123'))
    const body =
      '{"name":"x","salary":12345678901234567890,"friends":[{"role":"admin","salary":1.10,"id":"f"}]}'
    const written = await send('PUT', '/people/123', me, body)
    assert.deepEqual(written.seen, ['{"name":"x","friends":[{"id":"f"}]}'])
    const exact = '{"role":"x","salary":12345678901234567890}'
    assert.deepEqual((await send('PUT', '/people/123', hr, exact)).seen, ['{"salary":12345678901234567890}'])
    const untouched = '{ "name" : "x" }'
    assert.deepEqual((await send('PUT', '/people/123', me, untouched)).seen, [untouched])
    await serve(rules())
  })

  it('patches: a merge patch is judged as the object, a JSON patch refused where a rule refuses anything', async () => {
    answers(person('123'))
    const patch = async (type: string, body: object, token = me): Promise<number> =>
      (await send('PATCH', '/people/123', token, body, { 'content-type': `application/${type}+json` })).status
    assert.equal(await patch('merge-patch', { role: 'admin' }), 403)
    assert.equal(await patch('merge-patch', { name: 'x' }), 200)
    for (const one of [
      { op: 'replace', path: '/role', value: 'admin' },
      { op: 'copy', from: '/name', path: '/role' },
      { op: 'replace', path: '', value: { role: 'admin' } },
    ])
      assert.equal(await patch('json-patch', [one]), 403)
  })

  it('a form is refused', async () => {
    gate.upstream.answer = (_request, response) => response.writeHead(204).end()
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    assert.equal((await send('POST', '/teams', me, 'name=x&role=admin', form)).status, 403)
    assert.equal((await send('POST', '/teams', me, 'name=x', form)).status, 204)
  })

  it('refuse blocks the whole reply; a reply that cannot be searched is blocked too', async () => {
    answers('id,email\n1,a@people.example', 'text/csv')
    const csv = await send('GET', '/people')
    assert.equal(csv.status, 502)
    assert.ok(!csv.text.includes('people.example'))
    await serve(
      rules().replace('"caller.sub == object.owner"', '"caller.sub == object.owner", onRefused: refuse'),
    )
    answers(person('123'))
    assert.equal((await send('GET', '/people/456')).status, 403)
    assert.equal((await send('GET', '/people/123')).status, 200)
    await serve(rules())
  })

  it('modes: observe passes all, off asks nothing', async () => {
    answers(person('123'))
    for (const mode of ['observe', 'off']) {
      await serve(`${rules()}\n    controls: { property: ${mode} }`)
      assert.ok((await send('GET', '/people/456')).text.includes('@people.example'), mode)
      assert.equal((await send('PUT', '/people/123', me, { role: 'admin' })).status, 200, mode)
    }
    await serve(rules())
  })

  it('a rule for what the contract does not have stops the start', async () => {
    await assert.rejects(serve(rules().replace('Person.email', 'Persom.email')), /no component schema/)
    await assert.rejects(serve(rules().replace('Person.email', 'Person.emial')), /declares no property/)
    await assert.rejects(serve(rules().replace('object.owner', 'object.ownr')), /unknown field/)
    await serve(rules())
  })
})

describe('API3: the travel example', () => {
  let gate: TravelGate
  before(async () => {
    gate = await startTravelGate()
  })
  after(() => gate.close())

  it('mass assignment and the password hash: on the upstream, not through the gate', async () => {
    const alice = bearer(gate.tokens.alice)
    const path = '/api/v1/users/123/profile'
    const direct = await sendAttack(gate.upstream.url, { method: 'GET', path, headers: alice })
    assert.ok(direct.text.includes('passwordHash'))
    const read = await sendAttack(gate.url, { method: 'GET', path, headers: alice })
    assert.equal(read.status, 200)
    assert.ok(!read.text.includes('passwordHash'))
    assert.ok(read.text.includes('alice@travel.example'), 'one’s own address is one’s own')
    const body = { bio: 'hello', role: 'admin' }
    const attack = await sendAttack(gate.url, { method: 'PATCH', path, headers: alice, body })
    assert.equal(attack.status, 400)
    const attacked = await sendAttack(gate.upstream.url, { method: 'PATCH', path, headers: alice, body })
    assert.ok(attacked.text.includes('"role":"admin"'))
  })
})
