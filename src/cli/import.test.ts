// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the syntax of sallyport.yaml
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { importGateway } from '../import/import-gateway.ts'
import { Unusable } from '../kernel/finding.ts'
import { run } from './test-bed/binary.ts'

const folder = mkdtempSync(join(tmpdir(), 'sallyport-import-'))
after(() => rmSync(folder, { recursive: true }))
const original = (name: string): string =>
  fileURLToPath(new URL(`../../examples/import/${name}`, import.meta.url))

/** Imports into a folder of its own, and lets `check` judge the result. */
function imported(
  name: string,
  ...more: string[]
): { config: string; out: string; read: (file: string) => string } {
  const home = join(folder, name.replaceAll('.', '-'))
  mkdirSync(home)
  const { code, out, err } = run(home, ['import', original(name), ...more])
  assert.equal(code, 0, err)
  const check = run(home, ['check'])
  assert.equal(check.code, 0, check.out + check.err)
  return {
    config: readFileSync(join(home, 'sallyport.yaml'), 'utf8'),
    out,
    read: (file) => readFileSync(join(home, file), 'utf8'),
  }
}

test('Kong: services, routes, plugins of every level; what is left is noted', () => {
  const { config, out, read } = imported('kong.yaml')
  assert.match(
    config,
    /issuer: "https:\/\/id\.shop\.example"\n {4}audience: \["https:\/\/api\.shop\.example"\]/,
  )
  assert.match(config, /keys: \{ header: "X-Partner-Key" \}/)
  assert.match(
    config,
    /upstream: \{ url: "http:\/\/orders\.internal:8080", timeout: 15000ms \}\n {4}host: "api\.shop\.example"/,
  )
  assert.match(config, /for: "\*", per: caller, rate: 60\/min/)
  assert.match(config, /for: "\*", per: ip, rate: 10\/s/)
  assert.match(config, /bounds: \{ requestBody: 2000000 \}/)
  assert.match(config, /cors: \{ origins: \["https:\/\/app\.shop\.example"\], credentials: true \}/)
  assert.match(read('orders.openapi.yaml'), /\/orders\/\{orderId\}:|\/orders\/\{id\}:/)
  assert.match(read('orders.openapi.yaml'), /bearerAuth:\n {12}- orders/)
  for (const said of [
    /plugin `acl`/,
    /credentials are not carried over/,
    /the path is a pattern/,
    /strip_path/,
  ])
    assert.match(out, said)
  assert.ok(!config.includes('not-a-real-key') && !out.includes('not-a-real-key'))
})

test('KrakenD: endpoints by backend, validator, roles, limits, schemas', () => {
  const { config, out, read } = imported('krakend.json')
  assert.match(
    config,
    /algorithms: \["ES256"\]\n {4}keys: \{ jwks: "https:\/\/id\.shop\.example\/jwks\.json" \}\n {4}roles: "realm_access\.roles"/,
  )
  assert.match(
    config,
    /upstream: \{ url: "https:\/\/orders\.internal\/v1", timeout: 3000ms \}\n {4}basePath: "\/orders"/,
  )
  assert.match(config, /allow: "'customer' in caller\.roles \|\| 'staff' in caller\.roles"/)
  assert.match(config, /for: \["getProducts"\], per: ip, rate: 20\/1min/)
  assert.match(read('catalog.openapi.yaml'), /name: q\n/)
  assert.match(read('orders.openapi.yaml'), /quantity:\n +type: integer\n +minimum: 1\n +maximum: 20/)
  for (const said of [
    /2 backends merged/,
    /another path towards the backend/,
    /nothing of a configuration runs as code/,
  ])
    assert.match(out, said)
})

test('nginx: locations, limit_except, limit_req, upstreams; the rest with its line', () => {
  const { config, out, read } = imported('nginx.conf')
  assert.match(config, /upstream: "http:\/\/10\.0\.0\.11:8080"\n {4}host: "api\.shop\.example"/)
  assert.match(config, /per: ip, rate: 5\/min/)
  assert.match(config, /bounds: \{ requestBody: 2097152 \}/)
  assert.match(read('api-2-invoices.openapi.yaml'), /\/\{invoice\}:/)
  for (const said of [
    /line 23: location \/accounts: `auth_jwt`/,
    /line 5: `include` is not followed/,
    /2 servers/,
    /files; is left out/,
  ])
    assert.match(out, said)
})

test('routes: JSON of Express, the tree of Fastify, source', () => {
  const express = imported('express.json', '--upstream', 'http://127.0.0.1:5000')
  assert.match(express.config, /upstream: "http:\/\/127\.0\.0\.1:5000"/)
  assert.match(express.config, /# open: \["getHealth"\]/)
  assert.match(express.read('app.openapi.yaml'), /\/users\/\{userId\}\/avatar:/)
  const fastify = imported('fastify.txt').read('app.openapi.yaml')
  for (const path of ['/', '/health', '/users', '/users/{id}', '/users/{id}/orders'])
    assert.ok(fastify.includes(`\n  ${path}:`), path)
  const source = imported('app.txt').read('app.openapi.yaml')
  for (const path of ['/orders', '/orders/{orderId}', '/status', '/profile'])
    assert.ok(source.includes(`\n  ${path}:`), path)
})

test('nothing is overwritten without a word; a contract that exists is named; what cannot be read is refused with its place', () => {
  const home = join(folder, 'again')
  mkdirSync(home)
  assert.equal(run(home, ['import', original('fastify.txt')]).code, 0)
  const again = run(home, ['import', original('fastify.txt')])
  assert.equal(again.code, 2)
  assert.match(again.err, /--force overwrites it/)
  const named = run(home, [
    'import',
    original('fastify.txt'),
    '--contract',
    'app.openapi.yaml',
    '--out',
    'other.yaml',
  ])
  assert.equal(named.code, 0, named.err)
  assert.match(readFileSync(join(home, 'other.yaml'), 'utf8'), /contract: "app\.openapi\.yaml"/)
  writeFileSync(join(home, 'broken.conf'), 'http {\n  server {\n    location / { proxy_pass http://a; \n')
  const broken = run(home, ['import', 'broken.conf', '--force'])
  assert.equal(broken.code, 2)
  assert.match(broken.err, /broken\.conf:\d+.*error/)
  assert.equal(run(home, ['import', 'nowhere.yaml']).code, 2)
  assert.equal(run(home, ['import', original('kong.yaml'), '--from', 'tyk']).code, 2)
})

test('texts against the reader end in time', () => {
  const file = join(folder, 'slow.txt')
  for (const text of [
    '# \n'.repeat(200_000),
    `server {\n${'location /a { '.repeat(15)}${'x '.repeat(300_000)}`,
    `http { server { location ~ ^/${'(a+)+'.repeat(2_000)}$ { proxy_pass http://a; } } }`,
    `app.route('/a')${'.get(a)'.repeat(50_000)}`,
    "app.get('/a', auth, b)\n".repeat(60_000),
    `app.get(${"'/a".repeat(100_000)}`,
    '"'.repeat(300_000),
    `└── ${'/a'.repeat(100_000)} (GET)`,
    `_format_version: "3.0"\nservices: [{ name: a, url: "http://a", routes: [{ paths: ["~/${'(?<a>'.repeat(5_000)}"] }] }]`,
  ]) {
    writeFileSync(file, text)
    const started = performance.now()
    try {
      importGateway({ file, name: 'slow.txt', upstream: 'http://127.0.0.1:1' })
    } catch (error) {
      assert.ok(error instanceof Unusable, String(error))
    }
    assert.ok(performance.now() - started < 8_000, text.slice(0, 40))
  }
})

test('whatever the text: it is read or refused, and nothing of it runs on into the file', () => {
  const file = join(folder, 'any.txt')
  const piece = fc.constantFrom(
    'server',
    'location',
    '{',
    '}',
    ';',
    '/a',
    '~',
    '"',
    "'",
    '#',
    '\n',
    ' ',
    'proxy_pass',
    'http://x',
    'GET',
    '/{',
    ':id',
    '_format_version: "3.0"',
    'services:',
    '- name: a',
    '  url: http://a',
    '[',
    ']',
    '└── /',
    ' (GET)',
    '${X}',
    '"endpoints":',
    '\u2028',
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      writeFileSync(file, pieces.join(''))
      try {
        const { config } = importGateway({ file, name: 'any.txt', upstream: 'http://127.0.0.1:1' })
        assert.ok(!/(?<!\$)\$\{/.test(config))
      } catch (error) {
        assert.ok(error instanceof Unusable, String(error))
      }
    }),
    { numRuns: 300 },
  )
})
