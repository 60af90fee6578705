import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { createDevKeys } from './create-dev-keys.ts'
import { type Running, run, start } from './test-bed/binary.ts'
import { contract } from './test-bed/contract.ts'

const folder = mkdtempSync(join(tmpdir(), 'sallyport-serve-'))
const file = join(folder, 'sallyport.yaml')
let upstream: Server
let slow = 0
let good = ''

before(async () => {
  upstream = createServer((_request, response) => {
    setTimeout(() => response.writeHead(200, { 'content-type': 'application/json' }).end('{}'), slow).unref()
  })
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve))
  const port = (upstream.address() as AddressInfo).port
  writeFileSync(join(folder, 'small.openapi.yaml'), contract)
  await createDevKeys(join(folder, '.sallyport'))
  good = `listen: [{ address: 127.0.0.1:0 }]
admin: { address: 127.0.0.1:0 }
store: { durable: none }
issuers:
  dev: { issuer: https://dev.invalid, audience: small, algorithms: [ES256], keys: { jwks: .sallyport/jwks.json }, signingKey: .sallyport/signing-key.json }
apis:
  small:
    contract: small.openapi.yaml
    upstream: http://127.0.0.1:${port}
    objects: { user: { for: readProfile, id: path.userId, owner: path.userId } }
`
  writeFileSync(file, good)
})
after(() => {
  upstream.close()
  upstream.closeAllConnections()
  rmSync(folder, { recursive: true })
})

async function withGateway(
  args: readonly string[],
  use: (gateway: Running, url: string) => Promise<void>,
): Promise<void> {
  const gateway = start(folder, ['serve', ...args])
  try {
    const [, url = ''] = await gateway.said(/sallyport: api (http:\/\/\S+)/)
    await gateway.said(/sallyport: ready/)
    await use(gateway, url)
  } finally {
    if (gateway.child.exitCode === null) gateway.child.kill('SIGKILL')
    await gateway.ended
  }
}

const get = async (url: string, token: string): Promise<number> => {
  const response = await fetch(url, { headers: { authorization: `Bearer ${token}` } })
  await response.arrayBuffer()
  return response.status
}

test('serve: calls pass and are refused; a bad file keeps the old policy and says why; a good one is put in force', async () => {
  const token = run(folder, ['token', '--subject', 'u1']).out.trim()
  await withGateway([], async (gateway, url) => {
    assert.equal(await get(`${url}/users/u1/profile`, token), 200)
    assert.equal(await get(`${url}/users/u2/profile`, token), 403)

    writeFileSync(file, good.replace('objects:', 'objectz:'))
    await gateway.said(/sallyport\.yaml:10:5: error: unknown key `objectz`, did you mean `objects`\?/)
    await gateway.said(/not reloaded, the old policy stays in force/)
    assert.equal(await get(`${url}/users/u2/profile`, token), 403)

    writeFileSync(
      file,
      good.replace('owner: path.userId', 'owner: path.userId, allow: "caller.sub == \'u1\'"'),
    )
    await gateway.said(/sallyport: reloaded \(a file changed\)/)
    assert.equal(await get(`${url}/users/u2/profile`, token), 200)

    writeFileSync(join(folder, 'small.openapi.yaml'), contract.replace('openapi: 3.1.0', 'openapi: ['))
    await gateway.said(/small\.openapi\.yaml:\d+:\d+: error/)
    await gateway.said(/not reloaded/)
    assert.equal(await get(`${url}/users/u2/profile`, token), 200)
    writeFileSync(join(folder, 'small.openapi.yaml'), contract)
    await gateway.said(/sallyport: reloaded/)
    writeFileSync(file, good)
    await gateway.said(/sallyport: reloaded/)
    assert.equal(await get(`${url}/users/u2/profile`, token), 403)

    gateway.child.kill('SIGTERM')
    assert.equal(await gateway.ended, 0)
    const events = gateway
      .out()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    assert.ok(events.length >= 6, 'standard output is the audit events and nothing else')
    assert.ok(!gateway.out().includes(token))
  })
})

test('SIGHUP reloads also without watching; SIGTERM lets calls end; a second signal does not wait', async () => {
  const token = run(folder, ['token', '--subject', 'u1']).out.trim()
  writeFileSync(file, `${good}log: { events: stderr }\n`)
  await withGateway(['--no-watch'], async (gateway, url) => {
    gateway.child.kill('SIGHUP')
    await gateway.said(/sallyport: reloaded \(SIGHUP\)/)
    slow = 700
    const call = get(`${url}/users/u1/profile`, token)
    await new Promise((resolve) => setTimeout(resolve, 200))
    gateway.child.kill('SIGTERM')
    assert.equal(await call, 200)
    assert.equal(await gateway.ended, 0)
    assert.equal(gateway.err().match(/#setup=/g)?.length, 1, 'the set-up link is said at the start alone')
    assert.equal(gateway.out(), '')
    assert.match(gateway.err(), /^\{"time":\d+.*"operation":"readProfile".*\}$/m)
  })
  writeFileSync(file, good)
  await withGateway(['--no-watch'], async (gateway, url) => {
    slow = 8000
    const call = get(`${url}/users/u1/profile`, token).catch(() => 'cut')
    await new Promise((resolve) => setTimeout(resolve, 200))
    gateway.child.kill('SIGINT')
    await gateway.said(/letting calls under way end/)
    gateway.child.kill('SIGINT')
    assert.equal(await gateway.ended, 130)
    assert.equal(await call, 'cut')
    slow = 0
  })
})

test('a port that is taken, a contract that is missing: one reason, exit code 2', () => {
  const port = (upstream.address() as AddressInfo).port
  writeFileSync(
    join(folder, 'taken.yaml'),
    good
      .replace('address: 127.0.0.1:0', `address: 127.0.0.1:${port}`)
      .replace(/upstream: \S+/, 'upstream: http://127.0.0.1:1'),
  )
  const taken = run(folder, ['serve', '--config', 'taken.yaml'])
  assert.equal(taken.code, 2)
  assert.match(taken.err, /EADDRINUSE|in use/)
  assert.doesNotMatch(taken.err, /^\s+at /m)
  writeFileSync(join(folder, 'missing.yaml'), good.replace('small.openapi.yaml', 'nope.yaml'))
  assert.match(
    run(folder, ['serve', '--config', 'missing.yaml']).err,
    /missing\.yaml:8:15: error: this file does not exist/,
  )
  assert.ok(readFileSync(file, 'utf8').includes('objects'))
})
