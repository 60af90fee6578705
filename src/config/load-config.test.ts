// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the syntax of sallyport.yaml
import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { inspect } from 'node:util'
import fc from 'fast-check'
import { type Finding, Unusable } from '../kernel/finding.ts'
import type { Config } from './config.ts'
import { configSchema } from './config-schema.ts'
import { loadConfig, parseConfig } from './load-config.ts'
import { notYet } from './not-yet.ts'
import { redactConfig } from './redact-config.ts'

const folder = mkdtempSync(join(tmpdir(), 'sallyport-load-'))
after(() => rmSync(folder, { recursive: true }))
const put = (name: string, text: string, mode = 0o600): string => {
  writeFileSync(join(folder, name), text)
  chmodSync(join(folder, name), mode)
  return join(folder, name)
}
put('travel.openapi.yaml', '{}')
for (const name of ['server.crt', 'server.key', 'devices.crt']) put(name, 'pem')

const file = join(folder, 'sallyport.yaml')
const smallest = `listen: [{ address: 127.0.0.1:8080 }]
issuers:
  travel: { issuer: https://id.travel.example, audience: https://api.travel.example, algorithms: [ES256] }
apis:
  travel: { contract: travel.openapi.yaml, upstream: http://127.0.0.1:4000 }
`

function refusals(text: string, env: Record<string, string> = {}): readonly Finding[] {
  try {
    parseConfig(text, file, env)
  } catch (error) {
    assert.ok(error instanceof Unusable, String(error))
    return error.findings
  }
  assert.fail('was accepted')
}

const places = (findings: readonly Finding[]): string[] =>
  findings.map(({ rule, place }) => `${rule} ${place?.line}:${place?.column}`)

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

test('the whole file of the contract parses; what later parts bring is refused by name', () => {
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
  const found = refusals(text)
  assert.deepEqual(new Set(found.map((finding) => finding.rule)), new Set(['config.not-supported']))
  assert.deepEqual(
    found.map((finding) => finding.place?.pointer),
    [
      '/keys',
      '/certificates',
      '/authority',
      '/apis/travel/controls/injection',
      '/apis/travel/objects/booking/owner',
      '/apis/travel/objects/booking/read',
      '/apis/travel/properties',
      '/apis/travel/limits/1/lock',
      '/apis/travel/limits/2/throttle',
      '/apis/travel/limits/2/queue',
      '/apis/travel/content',
    ],
  )

  const kept = text
    .split('\n')
    .filter(
      (line) =>
        !/^(keys|certificates|authority):|injection:|booking:|properties:|User\.|throttle:|content:|reviews/.test(
          line,
        ),
    )
    .join('\n')
    .replace(', lock: 15min', '')
  const { config } = parseConfig(kept, file, {})
  assert.equal(config.listen[2]?.redirectPort, 8443)
  assert.deepEqual(config.apis[0]?.limits[0]?.rate, { rate: 100, windowMs: 60_000, burst: 50 })
  assert.deepEqual(config.apis[0]?.limits[1]?.per, ['ip', 'body.username'])
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

test('substitution: environment, files, escapes, numbers; what is missing is an error at its place', () => {
  put('secret.txt', `${'s'.repeat(40)}\n`)
  const text = smallest
    .replace('https://id.travel.example', () => '"https://${HOST}/a$${b}"')
    .replace('[ES256]', '[HS256], keys: { secret: "${file:secret.txt}" }')
    .replace('issuers:', 'bounds: { connections: "${MANY}" }\nissuers:')
  const { config, files } = parseConfig(text, file, { HOST: 'id.example', MANY: '500' })
  assert.equal(config.issuers[0]?.issuer, 'https://id.example/a${b}')
  assert.equal(config.bounds.connections, 500)
  assert.ok(files.includes(join(folder, 'secret.txt')))
  const keys = config.issuers[0]?.keys
  assert.equal(keys?.kind === 'secret' && keys.secret.reveal(), 's'.repeat(40))

  assert.deepEqual(places(refusals(text)), ['config.substitution 2:24', 'config.substitution 4:21'])
  assert.match(
    refusals(smallest.replace('127.0.0.1:8080', '"${file:nope}"'))[0]?.message ?? '',
    /does not exist/,
  )
  assert.match(refusals(smallest.replace('127.0.0.1:8080', '"${A-B}"'))[0]?.fix ?? '', /\$\{NAME\}/)
  assert.match(
    refusals(smallest.replace('127.0.0.1:8080', '"${OPEN"'), { OPEN: 'x' })[0]?.message ?? '',
    /not closed/,
  )
  assert.match(refusals(smallest.replace('127.0.0.1:8080', '"${toString}"'))[0]?.message ?? '', /not set/)
})

test('what is put in is never looked at again', () => {
  const text = smallest.replace('https://id.travel.example', '"https://id.example/${A}"')
  assert.equal(parseConfig(text, file, { A: '${B}' }).config.issuers[0]?.issuer, 'https://id.example/${B}')
})

test('a secret is in no message, dump or inspection', () => {
  const canary = 'canary-canary-canary-canary-canary-1'
  const text = smallest.replace('[ES256]', '[HS256], keys: { secret: "${S}" }')
  const { config } = parseConfig(text, file, { S: canary })
  for (const shown of [
    JSON.stringify(config),
    inspect(config, { depth: 20, showHidden: true }),
    JSON.stringify(redactConfig(config)),
    String(config),
  ])
    assert.ok(!shown.includes(canary))
  assert.ok(JSON.stringify(redactConfig(config)).includes('[secret]'))

  const url = parseConfig(smallest.replace('http://127.0.0.1:4000', '"http://127.0.0.1:4000/${S}"'), file, {
    S: canary,
  })
  assert.ok(!JSON.stringify(redactConfig(url.config)).includes(canary))
  assert.ok(JSON.stringify(redactConfig(url.config)).includes('http://127.0.0.1:4000/${S}'))

  const misplaced = [
    smallest.replace('127.0.0.1:8080', '"${S}"'),
    smallest.replace('[ES256]', '["${S}"]'),
    smallest.replace('[ES256]', '[ES256], keys: "${S}"'),
    smallest.replace('http://127.0.0.1:4000', '"${S}"'),
    smallest.replace('upstream', 'security: { a: "${S}" }, upstream'),
    smallest.replace('upstream', 'cors: { origins: ["${S}"] }, upstream'),
    smallest.replace('[ES256]', '[HS512], keys: { secret: "${S}" }'),
    smallest.replace('issuers:', 'workers: "${S}"\nissuers:'),
    smallest.replace('issuers:', 'store: { durable: "${S}" }\nissuers:'),
  ]
  for (const wrong of misplaced)
    assert.ok(!JSON.stringify(refusals(wrong, { S: canary })).includes(canary), wrong)
})

test('a secret in the file, and a secret file that others read, are warned of (C06)', () => {
  const literal = smallest.replace('[ES256]', `[HS256], keys: { secret: ${'q'.repeat(32)} }`)
  assert.deepEqual(places(parseConfig(literal, file, {}).findings), ['config.secret-in-file 3:123'])
  put('open.txt', 'r'.repeat(32), 0o644)
  const open = smallest.replace('[ES256]', '[HS256], keys: { secret: "${file:open.txt}" }')
  const [warning] = parseConfig(open, file, {}).findings
  assert.equal(warning?.rule, 'config.file-permissions')
  assert.match(warning?.fix ?? '', /chmod 600/)
  put('server.key', 'pem', 0o640)
  const tls = smallest.replace(
    '127.0.0.1:8080',
    '127.0.0.1:8443, tls: { certificate: server.crt, key: server.key }',
  )
  assert.deepEqual(places(parseConfig(tls, file, {}).findings), ['config.file-permissions 1:74'])
})

test('a file that is not there is one finding', () => {
  assert.throws(
    () => loadConfig(join(folder, 'nope.yaml'), {}),
    (error) => error instanceof Unusable && error.findings[0]?.rule === 'config.unreadable',
  )
})

/** Something like the file, with pieces of it exchanged for others. */
const pieces = fc.oneof(
  fc.constantFrom(
    'listen',
    'apis',
    'issuers',
    'travel',
    '127.0.0.1:1',
    '${A}',
    '${',
    '*',
    '&a',
    '*a',
    '!x',
    '- ',
    '? ',
    '<<',
    '__proto__',
    '0.0.0.0/0',
    '[',
    '{',
    '}',
    ']',
    ':',
    '\n',
    '  ',
    '#',
    '|',
    '"',
    "'",
    '---',
    '%YAML',
    'null',
    '1e999',
    '\u0000',
    '\uFEFF',
    'constructor',
  ),
  fc.string({ maxLength: 8 }),
)

test('whatever the text, nothing but Unusable is thrown', () => {
  const attempt = (text: string): void => {
    try {
      parseConfig(text, file, { A: 'x' })
    } catch (error) {
      assert.ok(error instanceof Unusable, `${inspect(error)} for ${JSON.stringify(text)}`)
      assert.ok(error.findings.length > 0)
      for (const { place, message } of error.findings) {
        assert.ok(place !== undefined && message !== '')
        assert.ok((place.line ?? 1) >= 1 && (place.column ?? 1) >= 1)
      }
    }
  }
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 40 }), (parts) => attempt(parts.join(''))),
    { numRuns: 1500 },
  )
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(smallest.length), fc.nat(12), pieces), { minLength: 1, maxLength: 4 }),
      (edits) =>
        attempt(
          edits.reduce(
            (text, [at, length, piece]) => text.slice(0, at) + piece + text.slice(at + length),
            smallest,
          ),
        ),
    ),
    { numRuns: 1500 },
  )
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => attempt(JSON.stringify(value))),
    { numRuns: 500 },
  )
})

test('a value by the schema, with any value anywhere, is read or refused', () => {
  const value = parseConfig(smallest, file, {}).config satisfies Config
  assert.ok(value)
  const base = {
    listen: [{ address: '127.0.0.1:1' }],
    issuers: { i: { issuer: 'https://i.example', audience: 'a', algorithms: ['ES256'] } },
    apis: { a: { contract: 'travel.openapi.yaml', upstream: { url: 'http://127.0.0.1:1' } } },
  }
  const paths = [
    ['listen'],
    ['listen', '0'],
    ['listen', '0', 'address'],
    ['listen', '0', 'tls'],
    ['admin'],
    ['issuers'],
    ['issuers', 'i'],
    ['issuers', 'i', 'keys'],
    ['issuers', 'i', 'audience'],
    ['apis'],
    ['apis', 'a'],
    ['apis', 'a', 'upstream'],
    ['apis', 'a', 'security'],
    ['apis', 'a', 'limits'],
    ['apis', 'a', 'objects'],
    ['apis', 'a', 'cors'],
    ['store'],
    ['bounds'],
    ['trustedProxies'],
  ]
  fc.assert(
    fc.property(fc.constantFrom(...paths), fc.jsonValue({ maxDepth: 3 }), (path, replacement) => {
      const copy = structuredClone(base) as Record<string, unknown>
      let node = copy
      for (const token of path.slice(0, -1)) {
        node[token] ??= {}
        node = node[token] as Record<string, unknown>
      }
      node[path.at(-1) ?? ''] = replacement
      try {
        parseConfig(JSON.stringify(copy), file, {})
      } catch (error) {
        assert.ok(error instanceof Unusable, inspect(error))
      }
    }),
    { numRuns: 1000 },
  )
})
