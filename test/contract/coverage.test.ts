import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { parse, stringify } from 'yaml'
import { compilePolicy } from '../../src/app/policy/compile-policy.ts'
import type { CoverageTable } from '../../src/app/policy/coverage-table.ts'
import { renderCoverage } from '../../src/cli/render-coverage.ts'
import { loadConfig } from '../../src/config/load-config.ts'

// What guards each operation, where the rule is written, and which line closes what is open.

const folder = mkdtempSync(join(tmpdir(), 'sallyport-coverage-'))
after(() => rmSync(folder, { recursive: true, force: true }))

const ok =
  "{ '200': { description: ok, content: { application/json: { schema: { $ref: '#/components/schemas/Trip' } } } } }"
const contract = `openapi: 3.1.0
info: { title: Trips, version: '1' }
security: [{ bearer: [] }]
paths:
  /trips:
    get: { operationId: list, responses: { '200': { description: ok, content: { application/json: { schema: { type: array, items: { $ref: '#/components/schemas/Trip' } } } } } } }
    post:
      operationId: create
      requestBody: { content: { application/json: { schema: { type: object, properties: { id: { type: string }, hotelId: { type: string } } } } } }
      responses: { '201': { description: made, content: { application/json: { schema: { $ref: '#/components/schemas/Trip' } } } } }
  /trips/{tripId}:
    parameters: [{ name: tripId, in: path, required: true, schema: { type: string } }]
    get: { operationId: read, responses: ${ok} }
    put:
      operationId: write
      x-sallyport: { allow: "'agent' in caller.roles" }
      requestBody: { content: { application/json: { schema: { $ref: '#/components/schemas/Trip' } } } }
      responses: ${ok}
  /reports:
    get:
      operationId: report
      parameters: [{ name: tripId, in: query, schema: { type: string } }]
      responses: { '204': { description: none } }
  /${'long/'.repeat(20)}{tripId}:
    get:
      operationId: deep
      parameters: [{ name: tripId, in: path, required: true, schema: { type: string } }]
      responses: ${ok}
components:
  securitySchemes: { bearer: { type: http, scheme: bearer } }
  schemas:
    Trip: { type: object, properties: { tripId: { type: string }, hotelId: { type: string }, ownerId: { type: string }, price: { type: number, x-sallyport: { write: never } } } }
`

async function tableOf(api: object): Promise<CoverageTable> {
  writeFileSync(join(folder, 'trips.yaml'), contract)
  const file = join(folder, 'sallyport.yaml')
  const config = {
    listen: [{ address: '127.0.0.1:0' }],
    issuers: {
      main: {
        issuer: 'https://id.example',
        audience: 'https://api.example',
        algorithms: ['ES256'],
        keys: { jwks: 'https://id.example/jwks' },
      },
    },
    apis: { trips: { contract: 'trips.yaml', upstream: 'http://127.0.0.1:1', ...api } },
  }
  writeFileSync(file, stringify(config))
  return (await compilePolicy(await loadConfig(file, {}))).coverage()
}
const cellOf = (
  table: CoverageTable,
  operation: string,
  column: keyof CoverageTable['rows'][number]['cells'],
) => {
  const row = table.rows.find((one) => one.operation === operation)
  assert.ok(row)
  return row.cells[column]
}
const trip = { id: 'path.tripId', owner: 'response.ownerId', read: 'GET /trips/{tripId}' }

test('every cell says its rule, and where it is written: in the file or in the contract', async () => {
  const table = await tableOf({ objects: { trip }, limits: [{ for: '*', per: 'caller', rate: '10/s' }] })
  assert.deepEqual(table.columns, [
    'authentication',
    'scope',
    'function',
    'object',
    'property-read',
    'property-write',
    'flow',
    'limit',
    'validation',
    'injection',
    'reply',
    'content',
  ])
  const object = cellOf(table, 'write', 'object')
  assert.equal(object.by, 'trip (reads GET /trips/{tripId} first)')
  assert.match(object.at?.[0]?.file ?? '', /sallyport\.yaml$/)
  assert.ok((object.at?.[0]?.line ?? 0) > 5)
  const rule = cellOf(table, 'write', 'function')
  assert.match(rule.at?.[0]?.file ?? '', /trips\.yaml$/)
  assert.match(rule.at?.[0]?.pointer ?? '', /x-sallyport/)
  assert.match(
    cellOf(table, 'write', 'property-write').at?.[0]?.pointer ?? '',
    /Trip\/properties\/price\/x-sallyport/,
  )
  assert.equal(cellOf(table, 'list', 'limit').state, 'guarded')
  assert.equal(cellOf(table, 'list', 'content').state, 'open')
  assert.equal(cellOf(table, 'report', 'content').state, 'none')
})

test('an id in a query or a body that no rule guards is open; a new object’s own is not', async () => {
  const table = await tableOf({ objects: { trip } })
  assert.deepEqual(
    [cellOf(table, 'report', 'object').state, cellOf(table, 'report', 'object').by],
    ['open', 'no rule for query.tripId'],
  )
  const bare = await tableOf({})
  assert.deepEqual(cellOf(bare, 'create', 'object'), { state: 'open', by: 'no rule for body/hotelId' })
  assert.equal(cellOf(bare, 'list', 'object').state, 'none')
})

test('the line that is written for an open door closes it', async () => {
  const { open } = await tableOf({})
  const kinds = new Set<string>()
  for (const one of open) {
    if (one.control !== 'object' && one.control !== 'limit') continue
    const table = await tableOf(parse(one.add) as object).catch((error: Error) => {
      // A guess is a question: where no reply gives such an object, the start says that it cannot be learned.
      assert.match(error.message, /no reply gives one|needs|no operation/, one.add)
      return undefined
    })
    if (table === undefined) continue
    kinds.add(one.control)
    assert.notEqual(cellOf(table, one.operation, one.control).state, 'open', `${one.operation}: ${one.add}`)
  }
  assert.deepEqual([...kinds].sort(), ['limit', 'object'])
  assert.ok(
    open.every((one, i) => i === 0 || one.weight <= (open[i - 1]?.weight ?? 0)),
    'worst first',
  )
})

test('the text has at most 120 columns', async () => {
  const table = await tableOf({ objects: { trip } })
  for (const line of renderCoverage(table, false).split('\n')) assert.ok([...line].length <= 120, line)
})
