// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the syntax of sallyport.yaml
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { Unusable } from '../kernel/finding.ts'
import { configSchema } from './config-schema.ts'
import { loadConfig, parseConfig } from './load-config.ts'
import { notYet } from './not-yet.ts'
import { createPolicyFolder, places, smallest } from './test-bed/policy-folder.ts'

const { folder, file, put, refusals } = createPolicyFolder()

test('the smallest useful file is read, filled and frozen', () => {
  const { config, files, findings, place } = loadConfig(put('sallyport.yaml', smallest), {})
  assert.deepEqual(findings, [])
  assert.deepEqual(files, [file, join(folder, 'travel.openapi.yaml')])
  assert.equal(config.issuers[0]?.clockTolerance, 30_000)
  assert.equal(config.apis[0]?.contract, join(folder, 'travel.openapi.yaml'))
  assert.equal(config.apis[0]?.controls['response-schema'], 'observe')
  assert.equal(config.apis[0]?.controls.object, 'enforce')
  assert.deepEqual(place('/apis/travel/upstream'), {
    file,
    line: 5,
    column: 54,
    pointer: '/apis/travel/upstream',
  })
  assert.deepEqual(place('/apis/travel/limits/0').line, 5)
  const frozen = (value: unknown): boolean =>
    typeof value !== 'object' ||
    value === null ||
    (Object.isFrozen(value) && Object.values(value).every(frozen))
  assert.ok(frozen(config))
})

test('the whole file of the contract parses', () => {
  const text = `listen:
  - address: 127.0.0.1:8080
  - address: 0.0.0.0:8443
    tls: { certificate: server.crt, key: server.key, clientAuthorities: devices.crt }
  - address: 0.0.0.0:80
    redirect: https
admin: { address: 127.0.0.1:9090 }
trustedProxies: [10.0.0.0/8]
workers: 1
store: { durable: "sqlite:sallyport.db", shared: memory }
issuers:
  travel:
    issuer: https://id.travel.example
    audience: https://api.travel.example
    algorithms: [ES256, RS256]
    keys: discovery
    tokens: jwt
    subject: sub
    roles: roles
    scopes: scope
    clockTolerance: 30s
keys: { header: X-API-Key }
certificates: { subject: san.uri }
authority: { issuer: https://api.travel.example/auth }
apis:
  travel:
    contract: travel.openapi.yaml
    upstream: { url: http://127.0.0.1:4000, timeout: 10s, credentials: forward, retries: 1 }
    host: api.travel.example
    security: { bearerAuth: [travel] }
    mode: enforce
    controls: { injection: observe }
    functions:
      - { for: "tag:admin", allow: "'admin' in caller.roles" }
    objects:
      profile: { id: path.userId, owner: path.userId }
      booking: { id: path.bookingId, owner: response.userId, read: "GET /bookings/{bookingId}" }
    properties:
      User.role:         { write: "'admin' in caller.roles" }
      User.email:        { read: "caller.sub == object.owner" }
      User.passwordHash: { read: never }
    limits:
      - { for: "*",     per: caller,              rate: 100/min, burst: 50 }
      - { for: login,   per: [ip, body.username], rate: 5/min, lock: 15min }
      - { for: search,  per: caller,              throttle: 10/s, queue: 20 }
    content:
      - { for: "GET /reviews/**", trust: user-generated, mode: mark }
`
  const { config } = parseConfig(text, file, {})
  assert.equal(config.listen[2]?.redirectPort, 8443)
  assert.deepEqual(config.apis[0]?.limits[0]?.rate, { rate: 100, windowMs: 60_000, burst: 50 })
  assert.deepEqual(config.apis[0]?.limits[1]?.per, ['ip', 'body.username'])
  assert.equal(config.apis[0]?.limits[1]?.lock, 900_000)
  assert.deepEqual(config.apis[0]?.limits[2]?.throttle, { rate: 10, windowMs: 1000, burst: 1 })
  assert.equal(config.apis[0]?.upstream.credentials, 'forward')
  assert.deepEqual(config.apis[0]?.security, [
    { scheme: 'bearerAuth', issuers: ['travel'], public: false, pointer: '/apis/travel/security/bearerAuth' },
  ])
})

test('every row of what is not supported yet names something the schema knows', () => {
  interface Node {
    readonly properties?: Record<string, Node>
    readonly patternProperties?: Record<string, Node>
    readonly items?: Node
  }
  for (const { pattern } of notYet) {
    let node: Node | undefined = configSchema as Node
    for (const token of pattern.slice(1).split('/'))
      node = node?.properties?.[token] ?? node?.items ?? Object.values(node?.patternProperties ?? {})[0]
    assert.ok(node, pattern)
  }
})

test('all problems are told at once, in order, with place and fix', () => {
  const found = refusals(`listen: [{ address: 127.0.0.1 }]
isuers: {}
workers: many
apis:
  travel:
    contract: travel.openapi.yaml
    upstream: { url: http://127.0.0.1:4000, timout: 3s, tls: { verify: false } }
    limits: [{ for: "*", per: caller, rate: fast }]
`)
  assert.deepEqual(places(found), [
    'config.value 1:21',
    'config.unknown-key 2:1',
    'config.value 3:10',
    'config.unknown-key 7:45',
    'config.unknown-key 7:64',
    'config.value 8:45',
  ])
  assert.match(found[1]?.message ?? '', /unknown key `isuers`, did you mean `issuers`\?/)
  assert.match(found[4]?.fix ?? '', /always verified/)
  assert.ok(found.every((finding) => finding.fix !== undefined))
})

test('a value of the wrong shape is told by the branch that was meant', () => {
  const one = (from: string, to: string): string => {
    const [finding, ...more] = refusals(smallest.replace(from, to))
    assert.deepEqual(more, [])
    return `${finding?.place?.line}:${finding?.place?.column} ${finding?.message} | ${finding?.fix ?? ''}`
  }
  assert.match(one('http://127.0.0.1:4000', '5'), /^5:54 `upstream` must be a text or a mapping/)
  assert.match(
    one('http://127.0.0.1:4000', '{}'),
    /^5:44 `url` is missing in `upstream` \| write for example `url: http/,
  )
  assert.match(one('[ES256]', '[ES255]'), /^3:\d+ `ES255` is not known here, did you mean `ES256`\?/)
  assert.match(one('[ES256]', '[]'), /`algorithms` must not be empty/)
  assert.match(
    one('[ES256]', '[ES256], keys: discvery'),
    /`discvery` is not known here, did you mean `discovery`\?/,
  )
  assert.match(one('[ES256]', '[ES256], keys: { jwks: a, secret: b }'), /`keys` must hold at most one entry/)
  assert.match(one(', audience: https://api.travel.example', ''), /^3:3 `audience` is missing in `travel`/)
  assert.match(one('travel: { contract', '../etc: { contract'), /`\.\.\/etc` is not a usable name/)
  assert.match(one('listen: [{ address: 127.0.0.1:8080 }]', 'listen:'), /`listen` must be a list/)
})

test('syntax: duplicate keys, tags, aliases, prototypes, several documents', () => {
  const at = (text: string): string => {
    const [first] = refusals(text)
    return `${first?.rule} ${first?.place?.line}:${first?.place?.column} ${first?.message}`
  }
  assert.match(at('a: 1\na: 2\n'), /^config.syntax 2:1 the key `a` is written twice/)
  assert.match(at('a: !!js/function x\n'), /tags/)
  assert.match(at('a: &x [*x]\n'), /contains itself/)
  assert.match(at('a: *x\n'), /alias without an anchor/)
  assert.match(at('__proto__: {}\n'), /^config.syntax 1:1 the key `__proto__` is not allowed/)
  assert.match(at('a:\n  constructor: {}\n'), /^config.syntax 2:3/)
  assert.match(at('a: 1\n---\nb: 1\n'), /more than one document/)
  assert.match(at('a: [1\n'), /^config.syntax/)
  assert.match(at(''), /empty/)
  assert.match(at(`a: ${'x'.repeat(1_100_000)}`), /larger than 1 MiB/)
  assert.match(at('['.repeat(50_000)), /nested too deeply/)
  assert.match(at(`${'  '.repeat(0)}${'[ '.repeat(80)}1${']'.repeat(80)}`), /deeper than 64/)
  assert.match(at(`a: &a x\nb: [${Array(101).fill('*a').join(', ')}]\n`), /more than 100 aliases/)
  const bomb = ['a: &a [x, x, x, x, x, x, x, x, x]']
  for (const c of 'bcdefgh')
    bomb.push(
      `${c}: &${c} [${Array(9)
        .fill(`*${String.fromCharCode(c.charCodeAt(0) - 1)}`)
        .join(', ')}]`,
    )
  assert.match(at(bomb.join('\n')), /more than 100 aliases|too many values/)
  assert.equal(({} as Record<string, unknown>)['polluted'], undefined)
})

test('aliases that are bounded are read', () => {
  const text = `listen: [{ address: 127.0.0.1:1 }]
issuers:
  a: { issuer: https://a.example, audience: &aud [x, y], algorithms: [ES256] }
  b: { issuer: https://b.example, audience: *aud, algorithms: [ES256] }
apis:
  travel: { contract: travel.openapi.yaml, upstream: http://127.0.0.1:4000 }
`
  assert.deepEqual(parseConfig(text, file, {}).config.issuers[1]?.audience, ['x', 'y'])
})

test('a file that is not there is one finding', () => {
  assert.throws(
    () => loadConfig(join(folder, 'nope.yaml'), {}),
    (error) => error instanceof Unusable && error.findings[0]?.rule === 'config.unreadable',
  )
})
