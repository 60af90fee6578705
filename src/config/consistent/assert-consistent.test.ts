// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the syntax of sallyport.yaml
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { api, apis, findingsOf, issuers, listen } from '../test-bed/config-texts.ts'

const hs = (keys: string, algorithms = '[HS256]'): string =>
  `${listen}issuers:\n  i: { issuer: i, audience: a, algorithms: ${algorithms}, keys: ${keys} }\n${apis}`

const opaque = (url: string, more = ''): string =>
  `${listen}issuers:\n  i: { issuer: https://i.example, audience: a, ${more}tokens: { introspection: "${url}", clientId: g, clientSecret: "\${LONG}" } }\n${apis}`

/** Text, rule, line:column, and a word of the fix. */
const rows: readonly (readonly [string, string, string, string, RegExp])[] = [
  [
    'plain HTTP off loopback',
    `listen:\n  - address: 0.0.0.0:8080\n${issuers}${apis}`,
    'config.plaintext',
    '2:14',
    /plaintext: allow/,
  ],
  [
    'plain HTTP on IPv6 any',
    `listen:\n  - address: "[::]:8080"\n${issuers}${apis}`,
    'config.plaintext',
    '2:14',
    /tls/,
  ],
  [
    'redirect without TLS',
    `listen:\n  - address: 0.0.0.0:80\n    redirect: https\n${issuers}${apis}`,
    'config.redirect',
    '3:15',
    /tls/,
  ],
  [
    'redirect with TLS',
    `listen:\n  - { address: 0.0.0.0:443, tls: development }\n  - { address: 0.0.0.0:80, tls: development, redirect: https }\n${issuers}${apis}`,
    'config.listener',
    '3:5',
    /remove/,
  ],
  [
    'plaintext and TLS',
    `listen:\n  - { address: 0.0.0.0:80, tls: development, plaintext: allow }\n${issuers}${apis}`,
    'config.listener',
    '2:5',
    /plaintext/,
  ],
  [
    'address twice',
    `listen:\n  - address: 127.0.0.1:80\n  - address: 127.0.0.1:80\n${issuers}${apis}`,
    'config.address-twice',
    '3:14',
    /port/,
  ],
  [
    'admin off loopback',
    `${listen}admin: { address: 0.0.0.0:9090 }\n${issuers}${apis}`,
    'config.admin-address',
    '2:19',
    /127\.0\.0\.1:9090/,
  ],
  [
    'an admin token that is short',
    `${listen}admin: { address: 127.0.0.1:9090, token: "${'$'}{SHORT}" }\n${issuers}${apis}`,
    'config.secret-short',
    '2:42',
    /openssl/,
  ],
  [
    'objects of an unknown issuer',
    api('    objects:\n      o: { id: path.id, owner: path.id, issuer: j }\n'),
    'config.unknown-issuer',
    '9:49',
    /known: i/,
  ],
  [
    'admin on a listener',
    `listen: [{ address: 127.0.0.1:90 }]\nadmin: { address: 127.0.0.1:90 }\n${issuers}${apis}`,
    'config.address-twice',
    '2:19',
    /port/,
  ],
  [
    'trust everybody',
    `${listen}trustedProxies: [10.0.0.0/8, 0.0.0.0/0]\n${issuers}${apis}`,
    'config.trust-all',
    '2:30',
    /10\.0\.0\.0\/8/,
  ],
  [
    'trust everybody, IPv6',
    `${listen}trustedProxies: ["::/0"]\n${issuers}${apis}`,
    'config.trust-all',
    '2:18',
    /own proxies/,
  ],
  [
    'a timeout of nothing',
    `${listen}timeouts: { headers: 0s }\n${issuers}${apis}`,
    'config.timeout',
    '2:22',
    /30s/,
  ],
  [
    'a short secret from the environment',
    hs('{ secret: "${SHORT}" }'),
    'config.secret-short',
    '3:69',
    /openssl rand/,
  ],
  ['a short secret for HS512', hs('{ secret: "${LONG}" }', '[HS512]'), 'config.secret-short', '3:69', /64/],
  ['HS with a key set', hs('{ jwks: jwks.json }'), 'config.algorithms-keys', '3:44', /secret/],
  ['a secret for ES', hs('{ secret: "${LONG}" }', '[ES256]'), 'config.algorithms-keys', '3:44', /HS256/],
  [
    'HS mixed with RS',
    hs('{ secret: "${LONG}" }', '[HS256, RS256]'),
    'config.algorithms-mixed',
    '3:44',
    /one kind/,
  ],
  [
    'algorithm none',
    `${listen}issuers:\n  i: { issuer: https://i.example, audience: a, algorithms: [none] }\n${apis}`,
    'config.value',
    '3:61',
    /ES256/,
  ],
  [
    'discovery of a name',
    `${listen}issuers:\n  i: { issuer: i, audience: a, algorithms: [ES256] }\n${apis}`,
    'config.key-url',
    '3:16',
    /https/,
  ],
  [
    'keys over plain HTTP',
    hs('{ jwks: "http://id.example/jwks" }', '[ES256]'),
    'config.key-url',
    '3:67',
    /https/,
  ],
  [
    'a long tolerance',
    `${listen}issuers:\n  i: { issuer: https://i.example, audience: a, algorithms: [ES256], clockTolerance: 5min }\n${apis}`,
    'config.clock-tolerance',
    '3:85',
    /30s/,
  ],
  [
    'keys that stay too long',
    `${listen}issuers:\n  i: { issuer: https://i.example, audience: a, algorithms: [ES256], keysFresh: 5min }\n${apis}`,
    'config.keys-fresh',
    '3:80',
    /45s/,
  ],
  [
    'a reserved name',
    `${listen}issuers:\n  public: { issuer: https://i.example, audience: a, algorithms: [ES256] }\n${apis}`,
    'config.name',
    '3:11',
    /another name/,
  ],
  [
    'the same issuer twice',
    `${listen}${issuers}  j: { issuer: https://id.example, audience: api, algorithms: [ES256] }\n${apis}`,
    'config.issuer-twice',
    '4:16',
    /one of them/,
  ],
  [
    'no algorithms',
    `${listen}issuers:\n  i: { issuer: https://i.example, audience: a }\n${apis}`,
    'config.missing-key',
    '3:6',
    /algorithms/,
  ],
  [
    'algorithms of opaque tokens',
    opaque('https://i.example/introspect', 'algorithms: [ES256], '),
    'config.introspection',
    '3:60',
    /tokens: jwt/,
  ],
  ['introspection over plain HTTP', opaque('http://i.example/introspect'), 'config.key-url', '3:73', /https/],
  [
    'API keys that are not written',
    api('    security: { key: [keys] }\n'),
    'config.keys-missing',
    '8:22',
    /keys: \{ header/,
  ],
  [
    'keys in a header with another meaning',
    `${listen}keys: { header: Authorization }\n${issuers}${apis}`,
    'config.key-header',
    '2:17',
    /X-API-Key/,
  ],
  ['an unknown issuer', api('    security: { bearer: [ii] }\n'), 'config.unknown-issuer', '8:25', /known: i/],
  [
    'public and an issuer',
    api('    security: { bearer: [i, public] }\n'),
    'config.public-and-more',
    '8:25',
    /one of them/,
  ],
  ['an upstream that is no URL', api('', 'localhost:4000'), 'config.upstream', '7:15', /http:\/\//],
  [
    'an upstream with a password',
    api('', 'http://me:word@127.0.0.1:4000'),
    'config.upstream',
    '7:15',
    /remove/,
  ],
  ['an upstream with a query', api('', 'http://127.0.0.1:4000/?a=1'), 'config.upstream', '7:15', /remove/],
  [
    'upstream TLS on plain HTTP',
    api('', '{ url: http://127.0.0.1:4000, tls: { authorities: cert.pem } }'),
    'config.upstream',
    '7:50',
    /https/,
  ],
  [
    'an upstream that is the gateway',
    `listen: [{ address: 0.0.0.0:4000, tls: development }]\n${issuers}${apis}`,
    'config.upstream-loop',
    '5:38',
    /API itself/,
  ],
  [
    'every origin with credentials',
    api('    cors: { origins: ["*"], credentials: true }\n'),
    'config.cors',
    '8:22',
    /list the origins/,
  ],
  [
    'an origin with a path',
    api('    cors: { origins: [https://app.example/x] }\n'),
    'config.cors',
    '8:23',
    /scheme, host/,
  ],
  [
    'two APIs in one place',
    `${listen}${issuers}${apis}  b: { contract: api.yaml, upstream: http://127.0.0.1:4001 }\n`,
    'config.api-overlap',
    '6:6',
    /basePath/,
  ],
  [
    'an object without a rule',
    api('    objects:\n      o: { id: path.id }\n'),
    'config.object-rule',
    '9:10',
    /owner/,
  ],
  [
    'a limit without a rate',
    api('    limits:\n      - { for: "*", per: caller }\n'),
    'config.limit-rule',
    '9:9',
    /rate: 100\/min/,
  ],
  [
    'a store that is none',
    `${listen}store: { durable: oracle }\n${issuers}${apis}`,
    'config.store',
    '2:19',
    /sqlite/,
  ],
  [
    'a contract that is not there',
    `${listen}${issuers}apis:\n  a: { contract: nope.yaml, upstream: http://127.0.0.1:4000 }\n`,
    'config.file',
    '5:18',
    /relative/,
  ],
  [
    'a contract that is a folder',
    `${listen}${issuers}apis:\n  a: { contract: ".", upstream: http://127.0.0.1:4000 }\n`,
    'config.file',
    '5:18',
    /relative/,
  ],
]

for (const [name, text, rule, at, fix] of rows)
  test(`refused: ${name}`, () => {
    const found = findingsOf(text).filter((finding) => finding.severity === 'error')
    const one = found.find((finding) => finding.rule === rule)
    assert.ok(one, `no ${rule} among ${JSON.stringify(found)}`)
    assert.equal(`${one.place?.line}:${one.place?.column}`, at, one.message)
    assert.match(one.fix ?? '', fix)
    assert.equal(found.length, 1, JSON.stringify(found))
  })

test('what is sound passes without a word', () => {
  assert.deepEqual(findingsOf(`${listen}${issuers}${apis}`), [])
  assert.deepEqual(findingsOf(opaque('https://i.example/introspect')), [])
  assert.deepEqual(findingsOf(`${api('    security: { key: [keys, i] }\n')}keys: {}\n`), [])
  assert.deepEqual(findingsOf(hs('{ secret: "${LONGER}" }', '[HS256, HS512]')), [])
})
