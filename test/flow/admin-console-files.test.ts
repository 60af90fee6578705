import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { createAdmin } from '../../src/admin/admin.ts'
import { loadStaticFiles } from '../../src/admin/static-files.ts'
import { inventoryOf } from '../../src/app/admin/inventory-view.ts'
import { createMetrics } from '../../src/stages/record/metrics/metrics.ts'
import { createMemoryEventStore } from '../../src/stores/memory/event-store.ts'
import { askAdmin } from '../support/admin-client.ts'

const folder = mkdtempSync(join(tmpdir(), 'sallyport-console-'))
const dist = join(folder, 'dist')
const script = `console.log(${JSON.stringify('x'.repeat(5_000))})`
let server: Server
let url = ''

before(async () => {
  mkdirSync(join(dist, 'assets'), { recursive: true })
  writeFileSync(join(dist, 'index.html'), '<!doctype html><title>Sallyport</title>')
  writeFileSync(join(dist, 'assets', 'index-B7x9Qk2_.js'), script)
  writeFileSync(join(dist, 'assets', 'plain.css'), 'a{}')
  writeFileSync(join(dist, '.env'), 'SECRET=1')
  writeFileSync(join(dist, 'run.sh'), 'exit')
  writeFileSync(join(folder, 'secret.txt'), 'secret')
  symlinkSync(join(folder, 'secret.txt'), join(dist, 'linked.txt'))
  const files = loadStaticFiles(dist)
  await files?.ready
  const admin = createAdmin({
    metrics: createMetrics({ runtime: false }),
    events: createMemoryEventStore(),
    readiness: () => ({ ready: true, reasons: [] }),
    coverage: () => ({}),
    findings: () => [],
    blocks: () => [],
    inventory: () => inventoryOf([], [], 0),
    jwks: () => ({ keys: [] }),
    loopback: 'none',
    files,
  })
  server = createServer(admin.handle)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
after(() => {
  server.close()
  server.closeAllConnections()
  rmSync(folder, { recursive: true })
})

test('the page needs no credential, and its policy lets nothing in from elsewhere', async () => {
  for (const path of ['/', '/index.html', '/traffic', '/traffic/0b9c', '/?code=a&state=b']) {
    const page = await askAdmin(url, path, { headers: { accept: 'text/html,*/*' } })
    assert.equal(page.status, 200, path)
    assert.equal(page.headers['content-type'], 'text/html; charset=utf-8')
    assert.equal(page.headers['cache-control'], 'no-cache')
    const policy = String(page.headers['content-security-policy'])
    for (const part of [
      "default-src 'none'",
      "script-src 'self'",
      "connect-src 'self'",
      "frame-ancestors 'none'",
    ])
      assert.ok(policy.includes(part), part)
    assert.doesNotMatch(policy, /unsafe-eval|script-src[^;]*unsafe|https?:|\*/)
    assert.equal(page.headers['x-content-type-options'], 'nosniff')
    assert.equal(page.headers['x-frame-options'], 'DENY')
  }
})

test('a file whose name holds its hash is kept for good; others are asked for again', async () => {
  const path = '/assets/index-B7x9Qk2_.js'
  const got = await askAdmin(url, path)
  assert.equal(got.text, script)
  assert.equal(got.headers['content-type'], 'text/javascript; charset=utf-8')
  assert.equal(got.headers['cache-control'], 'public, max-age=31536000, immutable')
  const styles = await askAdmin(url, '/assets/plain.css')
  assert.equal(styles.headers['cache-control'], 'no-cache')
  const again = await askAdmin(url, '/assets/plain.css', {
    headers: { 'if-none-match': String(styles.headers.etag) },
  })
  assert.deepEqual([again.status, again.text], [304, ''])
})

test('compressed for who takes it', async () => {
  for (const [accepts, decode] of [
    ['gzip, deflate, br', brotliDecompressSync],
    ['gzip', gunzipSync],
  ] as const) {
    const got = await fetch(`${url}/assets/index-B7x9Qk2_.js`, { headers: { 'accept-encoding': accepts } })
    assert.equal(await got.text(), script)
    assert.ok(Number(got.headers.get('content-length')) < 200)
    assert.ok(decode.name.length > 0)
  }
})

test('no path leads out of the folder, to a link, a hidden file, or a kind that is none of a console', async () => {
  for (const path of [
    '/../secret.txt',
    '/assets/../../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/assets/..%5c..%5csecret.txt',
    '//secret.txt',
    '/linked.txt',
    '/.env',
    '/%2eenv',
    '/run.sh',
    '/index.html/',
    '/index.html%00',
    '/assets',
    '/assets/',
    '/assets/none.js',
    '/__proto__',
    '/constructor',
  ])
    assert.equal((await askAdmin(url, path)).status, 401, path)
  for (const path of ['/api/v1/events', '/api', '/metrics', '/.well-known/x', '/missing.js', '/../x'])
    assert.equal((await askAdmin(url, path, { headers: { accept: 'text/html' } })).status, 401, path)
})

test('only read; under this machine’s names alone', async () => {
  assert.equal((await askAdmin(url, '/', { method: 'POST' })).status, 401)
  assert.equal((await askAdmin(url, '/', { headers: { host: 'evil.example' } })).status, 421)
  const head = await askAdmin(url, '/', { method: 'HEAD' })
  assert.deepEqual([head.status, head.text], [200, ''])
})

test('without a build there is no console', () => {
  assert.equal(loadStaticFiles(join(folder, 'none')), undefined)
  assert.equal(loadStaticFiles(folder), undefined)
})
