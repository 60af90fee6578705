import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { run } from './test-bed/binary.ts'
import { contract } from './test-bed/contract.ts'

const folder = mkdtempSync(join(tmpdir(), 'sallyport-init-'))
after(() => rmSync(folder, { recursive: true }))
const init = (...more: string[]): ReturnType<typeof run> =>
  run(folder, ['init', 'small.openapi.yaml', '--upstream', 'http://127.0.0.1:4000', ...more])

before(() => {
  writeFileSync(join(folder, 'small.openapi.yaml'), contract)
  const { code, out, err } = init()
  assert.equal(code, 0, err)
  assert.match(out, /GET \/users\/\{userId\}\/profile/)
  assert.match(out, /4 operations/)
})

test('init writes what the contract implies, keys for development, and no more than once', () => {
  const text = readFileSync(join(folder, 'sallyport.yaml'), 'utf8')
  assert.match(text, /user: \{ for: \["readProfile"\], id: "path.userId", owner: "path.userId" \}/)
  assert.match(text, /for: \["removeUser"\], allow: "'admin' in caller.roles"/)
  assert.match(text, /for: \["login"\], per: ip/)
  assert.match(text, /# booking: \{ ids: \["path.bookingId"\], .*no reply gives one: readBooking/)
  assert.equal(statSync(join(folder, '.sallyport', 'signing-key.json')).mode & 0o777, 0o600)
  const again = init()
  assert.equal(again.code, 2)
  assert.match(again.err, /--force overwrites it/)
  assert.equal(init('--force').code, 0)
})

test('check: clean, yet every open door is listed; --fail-on warning makes them count', () => {
  const { code, out } = run(folder, ['check'])
  assert.equal(code, 0, out)
  assert.match(out, /warning: .*bookingId.* \[open-door\.object-without-rule\]/)
  assert.match(out, /\[open-door\.development-issuer\]/)
  assert.equal(run(folder, ['check', '--fail-on', 'warning']).code, 1)
  const sarif = JSON.parse(run(folder, ['check', '--format', 'sarif']).out)
  assert.ok(sarif.runs[0].results.length >= 2)
})

test('coverage: a row for each operation, as a table and as JSON', () => {
  const { rows, columns } = JSON.parse(run(folder, ['coverage', '--format', 'json']).out)
  assert.equal(rows.length, 4)
  assert.ok(columns.includes('object'))
  const profile = rows.find((row: { operation: string }) => row.operation === 'readProfile')
  assert.equal(profile.cells.object.state, 'guarded')
  const text = run(folder, ['coverage']).out
  assert.match(text, /^operation +authn +scope/)
  for (const line of text.split('\n')) assert.ok([...line].length <= 120, line)
  assert.match(run(folder, ['coverage', '--rules']).out, /\+ authentication +bearerAuth\n/)
})

test('explain: allowed, another’s object, no token, no such operation', () => {
  const token = run(folder, ['token', '--subject', 'u1']).out.trim()
  const explain = (path: string, ...more: string[]): Record<string, unknown> =>
    JSON.parse(run(folder, ['explain', 'GET', path, '--format', 'json', ...more]).out)
  const bearer = ['-H', `Authorization: Bearer ${token}`]
  assert.equal(explain('/users/u1/profile', ...bearer)['outcome'], 'forward')
  assert.equal(explain('/users/u2/profile', ...bearer)['code'], 'AUTHORIZE_OBJECT')
  assert.equal(explain('/users/u1/profile')['code'], 'IDENTIFY_REQUIRED')
  assert.equal(explain('/nothing')['code'], 'MATCH_NO_OPERATION')
  const text = run(folder, ['explain', 'GET', '/users/u2/profile', ...bearer]).out
  assert.match(text, /^would be refused: 403 AUTHORIZE_OBJECT/)
  assert.match(text, /caller +u1 \(issuer development\)/)
  assert.match(text, /authorize +authorize\.object +deny/)
  assert.ok(!text.includes(token))
})

test('a contract that cannot be read is told by place, and nothing is written', () => {
  writeFileSync(join(folder, 'broken.yaml'), 'openapi: 3.1.0\ninfo: [\n')
  const { code, err } = run(folder, [
    'init',
    'broken.yaml',
    '--upstream',
    'http://127.0.0.1:1',
    '--out',
    'other.yaml',
  ])
  assert.equal(code, 2)
  assert.match(err, /broken\.yaml:\d+:\d+: error/)
  assert.throws(() => statSync(join(folder, 'other.yaml')))
})

test('without --upstream: the first server of the document, or a usual address, and it is said', () => {
  const named = contract.replace(
    'components:',
    'servers: [{ url: "https://api.example.com/v1" }]\ncomponents:',
  )
  writeFileSync(join(folder, 'named.yaml'), named)
  const { code, err } = run(folder, ['init', 'named.yaml', '--out', 'named-gate.yaml'])
  assert.equal(code, 0, err)
  assert.match(err, /`upstream` is https:\/\/api\.example\.com, the first server/)
  assert.match(
    readFileSync(join(folder, 'named-gate.yaml'), 'utf8'),
    /upstream: "https:\/\/api\.example\.com"/,
  )
  const silent = run(folder, ['init', 'small.openapi.yaml', '--out', 'silent-gate.yaml'])
  assert.equal(silent.code, 0, silent.err)
  assert.match(silent.err, /names no server; `upstream` is http:\/\/127\.0\.0\.1:3000/)
  assert.equal(run(folder, ['init', 'named.yaml', '--upstream', 'ftp://a', '--force']).code, 2)
})

test('an API key in a header is one that the gateway issues; other ways of signing in stay closed, with the reason', () => {
  const schemes = `components:
  securitySchemes:
    partner: { type: apiKey, in: header, name: X-Partner-Key }
    second: { type: apiKey, in: header, name: X-Other-Key }
    inUrl: { type: apiKey, in: query, name: key }
    basic: { type: http, scheme: basic }
    device: { type: mutualTLS }
    bearerAuth: { type: http, scheme: bearer }
security: [{ partner: [] }, { inUrl: [] }]`
  const document = contract.replace(/components:[\s\S]*?security: \[\{ bearerAuth: \[\] \}\]/, schemes)
  writeFileSync(join(folder, 'keyed.yaml'), document)
  const { code, err } = run(folder, ['init', 'keyed.yaml', '--out', 'keyed-gate.yaml'])
  assert.equal(code, 0, err)
  const text = readFileSync(join(folder, 'keyed-gate.yaml'), 'utf8')
  assert.match(text, /^keys: \{ header: "X-Partner-Key" \}$/m)
  assert.match(text, /security: \{ "partner": \[keys\], "bearerAuth": \[development\] \}/)
  for (const name of ['second', 'inUrl', 'basic', 'device'])
    assert.match(text, new RegExp(`# ${name}: .*stays closed`))
  const made = run(folder, ['keys', 'create', '--name', 'n', '--owner', 'o', '--config', 'keyed-gate.yaml'])
  assert.equal(made.code, 0, made.err)
  const key = made.out.trim().split(/\s+/).at(-1) ?? ''
  const explain = run(folder, [
    'explain',
    'GET',
    '/users/u1/profile',
    '-H',
    `X-Partner-Key: ${key}`,
    '--config',
    'keyed-gate.yaml',
  ])
  assert.match(explain.out, /caller +\S+/)
  assert.doesNotMatch(explain.out, /IDENTIFY/)
})
