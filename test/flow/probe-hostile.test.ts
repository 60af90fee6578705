import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { run, start } from '../../src/cli/test-bed/binary.ts'
import { kindsOf, runSmallProbe, type SmallProbe } from '../support/probe-apis/run-small-probe.ts'
import { startShop } from '../support/probe-apis/shop.ts'

// Targets that hang, lie, redirect, stream for ever or change under the probe; and a probe that is stopped in the middle.

const folder = mkdtempSync(join(tmpdir(), 'probe-hostile-'))
const open: (() => Promise<void>)[] = []
after(async () => {
  for (const close of open) await close()
  rmSync(folder, { recursive: true, force: true })
})
const shopContract = join(import.meta.dirname, '../support/probe-apis/shop.openapi.yaml')
const contract = join(folder, 'small.yaml')
writeFileSync(
  contract,
  `openapi: 3.1.0
info: { title: Small, version: "1" }
security: [{ key: [] }]
components: { securitySchemes: { key: { type: http, scheme: bearer } } }
paths:
  /things:
    get:
      operationId: listThings
      responses: { "200": { description: things, content: { application/json: { schema: { type: array, items: { $ref: "#/components/schemas/Thing" } } } } } }
  /things/{thingId}:
    get:
      operationId: readThing
      parameters: [{ name: thingId, in: path, required: true, schema: { type: string } }]
      responses: { "200": { description: a thing, content: { application/json: { schema: { $ref: "#/components/schemas/Thing" } } } } }
`.replace(
    'components: { securitySchemes: { key: { type: http, scheme: bearer } } }',
    'components: { securitySchemes: { key: { type: http, scheme: bearer } }, schemas: { Thing: { type: object, properties: { thingId: { type: string }, words: { type: string } } } } }',
  ),
)

async function listen(
  answer: RequestListener,
): Promise<{ url: string; server: Server; close(): Promise<void> }> {
  const server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const close = async (): Promise<void> => {
    server.closeAllConnections()
    await new Promise<void>((resolve) => server.close(() => resolve()))
  }
  open.push(close)
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close }
}

const probe = (target: string, change: SmallProbe['change'] = {}): ReturnType<typeof runSmallProbe> =>
  runSmallProbe({
    contract,
    target,
    identities: ['anna=token-of-anna', 'bert=token-of-bert'],
    change: { write: false, budget: { requests: 400, seconds: 3, rate: 1000 }, ...change },
  })

test('a target that never answers: the probe ends within its budget and finds nothing', async () => {
  const target = await listen(() => {})
  const started = performance.now()
  const report = await probe(target.url, { budget: { requests: 400, seconds: 1, rate: 1000 } })
  assert.ok(performance.now() - started < 30_000)
  assert.deepEqual(report.findings, [])
  assert.notEqual(report.stopped, undefined)
  await target.close()
})

test('a target that is gone: it says so', async () => {
  const target = await listen(() => {})
  await target.close()
  const report = await probe(target.url)
  assert.deepEqual(report.findings, [])
  assert.equal(report.stopped, 'unreachable')
  assert.ok(report.requests <= 40)
})

test('redirects are replies: nothing is sent anywhere else, no credential least of all', async () => {
  const elsewhere: string[] = []
  const other = await listen((request, response) => {
    elsewhere.push(String(request.headers.authorization))
    response.end('[]')
  })
  const target = await listen((request, response) =>
    response.writeHead(302, { location: `${other.url}${request.url}` }).end(),
  )
  const report = await probe(target.url)
  assert.deepEqual(elsewhere, [])
  assert.deepEqual(report.findings, [])
  await target.close()
  await other.close()
})

test('a target that streams for ever, and one that sends without end', async () => {
  const timers = new Set<NodeJS.Timeout>()
  const target = await listen((request, response) => {
    response.writeHead(200, {
      'content-type': request.url?.startsWith('/things/') ? 'text/event-stream' : 'application/json',
    })
    const timer = setInterval(() => response.write('data: 1234567890\n\n'), 50)
    timers.add(timer)
    response.on('close', () => clearInterval(timer))
  })
  const report = await probe(target.url)
  assert.ok(report.seconds < 15, `${report.seconds} s`)
  for (const timer of timers) clearInterval(timer)
  await target.close()
})

test('a target that answers everything with the same yes: no object, function or forgotten path is made of it', async () => {
  const target = await listen((_, response) =>
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end('{"thingId":"abc12345","words":"always the same words"}'),
  )
  const kinds = kindsOf(await probe(target.url, { skip: ['limit'] }))
  // It does answer without a credential.
  assert.deepEqual(
    kinds.filter((one) => !one.startsWith('auth.missing')),
    [],
  )
  await target.close()
})

test('a target that lies at random: nothing that needs a repeated difference is found', async () => {
  let n = 0
  const target = await listen((request, response) => {
    n += 1
    if (request.headers.authorization === undefined) return void response.writeHead(401).end()
    const words = Array.from({ length: 3 }, (_, i) =>
      [...String((n * 7919 + i * 104_729) % 99_991)].map((d) => 'abcdefghij'[Number(d)]).join(''),
    )
    response
      .writeHead([200, 200, 500, 404][n % 4] ?? 200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ thingId: `t-${n}`, words: words.join(' ') }))
  })
  const kinds = kindsOf(await probe(target.url, { skip: ['limit', 'auth'] }))
  assert.deepEqual(
    kinds.filter((one) => /injection|bola|inventory|bfla/.test(one)),
    [],
  )
  await target.close()
})

test('bytes that are no HTTP, headers without end, JSON too deep: the probe goes on', async () => {
  let n = 0
  const target = await listen((request, response) => {
    n += 1
    if (n % 3 === 0) return void request.socket.end('this is no HTTP at all\r\n\r\n')
    if (n % 3 === 1) return void request.socket.end(`HTTP/1.1 200 OK\r\n${'x-a: b\r\n'.repeat(20_000)}\r\n`)
    response.writeHead(200, { 'content-type': 'application/json' }).end('['.repeat(100_000))
  })
  const report = await probe(target.url)
  assert.deepEqual(
    kindsOf(report).filter((one) => !/^(?:auth\.missing|limit)/.test(one)),
    [],
  )
  await target.close()
})

test('the budget of requests is kept to the last one', async () => {
  const shop = await startShop(true)
  const report = await runSmallProbe({
    contract: shopContract,
    target: shop.url,
    identities: shop.customers.map((one, i) => `customer${i}=login:${one}:correct horse`),
    change: { budget: { requests: 60, seconds: 60, rate: 1000 }, write: false },
  })
  assert.equal(report.stopped, 'requests')
  assert.equal(report.requests, 60)
  assert.equal(shop.seen.length, 62)
  await shop.close()
})

test('stopped in the middle: what was made is taken away, what cannot be is in the report and in the journal', async () => {
  const shop = await startShop(true)
  const stop = new AbortController()
  const journal = join(folder, 'stopped.journal')
  const report = await runSmallProbe({
    contract: shopContract,
    target: shop.url,
    identities: shop.customers.map((one, i) => `customer${i}=login:${one}:correct horse`),
    change: {
      signal: stop.signal,
      journal,
      onProgress: (stage) => {
        if (stage === 'calls for others') stop.abort()
      },
    },
  })
  assert.equal(report.stopped, 'interrupted')
  assert.ok(report.made > 0)
  assert.ok(
    report.left.every(({ type }) => type !== 'order'),
    JSON.stringify(report.left),
  )
  assert.equal(report.left.length > 0, existsSync(journal))
  const made = shop.seen.filter((one) => one === 'POST /api/v2/orders').length
  const removed = shop.seen.filter((one) => one.startsWith('DELETE /api/v2/orders/')).length
  assert.ok(made > 0 && removed >= made, `${made} made, ${removed} removals`)
  await shop.close()
})

test('the command: killed, it leaves a journal that --clean works off; wrong use is 2, findings are 1, none 0', async () => {
  const shop = await startShop(true)
  const [carla, dario] = shop.customers
  const identities = [
    '--identity',
    `carla=login:${carla}:correct horse`,
    '--identity',
    `dario=login:${dario}:correct horse`,
  ]
  const common = ['probe', '--contract', shopContract, '--target', shop.url, ...identities]
  const journal = join(folder, 'killed.journal')
  const running = start(folder, [...common, '--write', '--rate', '150', '--journal', journal])
  const until = Date.now() + 20_000
  while (
    Date.now() < until &&
    !(existsSync(journal) && readFileSync(journal, 'utf8').includes('"type":"order"'))
  )
    await new Promise((resolve) => setTimeout(resolve, 50))
  running.child.kill('SIGKILL')
  await running.ended
  assert.ok(existsSync(journal), 'a journal is there')
  const cleaned = start(folder, [...common, '--clean', journal])
  await cleaned.said(/objects? (?:is|are) left|nothing is left/)
  await cleaned.ended
  assert.ok(shop.seen.some((one) => one.startsWith('DELETE /api/v2/orders/')))

  const once = start(folder, [...common, '--rate', '2000', '--only', 'bola,cors', '--format', 'sarif'])
  assert.equal(await once.ended, 1)
  const sarif = JSON.parse(once.out()) as { runs: [{ results: { ruleId: string }[] }] }
  assert.deepEqual([...new Set(sarif.runs[0].results.map(({ ruleId }) => ruleId))].sort(), [
    'bola.read',
    'cors.reflected',
  ])
  const clean = start(folder, [...common, '--rate', '2000', '--only', 'method.trace'])
  assert.equal(await clean.ended, 0)
  await shop.close()

  for (const [args, why] of [
    [['probe'], /--target/],
    [
      ['probe', '--contract', shopContract, '--target', 'http://127.0.0.1:1', '--identity', 'x'],
      /NAME=TOKEN/,
    ],
    [
      [
        'probe',
        '--contract',
        shopContract,
        '--target',
        'http://127.0.0.1:1',
        '--identity',
        `a=\${NO_SUCH_THING}`,
      ],
      /NO_SUCH_THING is not set/,
    ],
    [
      [
        'probe',
        '--contract',
        shopContract,
        '--target',
        'http://127.0.0.1:1',
        '--identity',
        'a=b',
        '--only',
        'nonsense',
      ],
      /--only/,
    ],
    [
      ['probe', '--contract', shopContract, '--target', 'http://user:word@127.0.0.1:1', '--identity', 'a=b'],
      /--target/,
    ],
  ] as const) {
    const { code, err } = run(folder, args)
    assert.equal(code, 2, args.join(' '))
    assert.match(err, why)
  }
})

test('a target that the contract calls production is refused', () => {
  const file = join(folder, 'production.yaml')
  writeFileSync(
    file,
    'openapi: 3.1.0\ninfo: { title: P, version: "1" }\nservers: [{ url: "http://127.0.0.1:1/v1", description: Production }]\npaths: {}\n',
  )
  const args = ['probe', '--contract', file, '--target', 'http://127.0.0.1:1', '--identity', 'a=b']
  const { code, err } = run(folder, args)
  assert.equal(code, 2)
  assert.match(err, /production/)
})
