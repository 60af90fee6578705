// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the syntax of sallyport.yaml
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { api, apis, findingsOf, issuers, listen } from '../test-bed/config-texts.ts'

const stores = (durable: string, shared: string): string =>
  `store: { durable: "${durable}", shared: "${shared}" }\n${listen}${issuers}${apis}`

/** Open doors: text, rule, place. */
const doors: readonly (readonly [string, string, string])[] = [
  [
    `${listen}admin: { address: 0.0.0.0:9090, token: "${'$'}{LONG}" }\n${issuers}${apis}`,
    'open-door.admin-plaintext',
    '2:19',
  ],
  [api('    open: "*"\n'), 'open-door.written', '8:11'],
  [api('    functions: [{ for: "*", allow: "true", mode: observe }]\n'), 'open-door.rule', '8:50'],
  [`listen: [{ address: 0.0.0.0:80, plaintext: allow }]\n${issuers}${apis}`, 'open-door.plaintext', '1:44'],
  [api('    mode: observe\n'), 'open-door.observe', '8:11'],
  [api('    controls: { scope: off }\n'), 'open-door.control', '8:24'],
  [api('    controls: { schema: observe }\n'), 'open-door.control', '8:25'],
  [api('    security: { bearer: public }\n'), 'open-door.public-scheme', '8:25'],
  [api('    cors: { origins: ["*"] }\n'), 'open-door.cors', '8:22'],
  [api('', 'http://api.internal:4000'), 'open-door.upstream-plaintext', '7:15'],
  [stores('postgres://db.example/x?sslmode=require', 'rediss://r.example'), 'open-door.store-tls', '1:19'],
  [stores('postgres://db.example/x?sslmode=disable', 'rediss://r.example'), 'open-door.store-tls', '1:19'],
  [stores('postgres://db.example/x', 'redis://r.example'), 'open-door.store-tls', '1:54'],
]

for (const [text, rule, at] of doors)
  test(`named at start: ${rule} ${at}`, () => {
    const [one, ...more] = findingsOf(text)
    assert.equal(one?.rule, rule)
    assert.equal(one?.severity, 'warning')
    assert.equal(`${one?.place?.line}:${one?.place?.column}`, at)
    assert.deepEqual(more, [])
  })

test('what two stores mean together is said', () => {
  const meaning = (durable: string, shared: string): readonly (readonly [string, string])[] =>
    findingsOf(stores(durable, shared)).map(({ rule, severity }) => [rule, severity])
  assert.deepEqual(meaning('postgres://127.0.0.1/x', 'memory'), [['store.meaning', 'note']])
  assert.deepEqual(meaning('sqlite:x.db', 'redis://127.0.0.1'), [['store.meaning', 'note']])
  assert.deepEqual(meaning('sqlite:x.db', 'memory'), [])
  assert.deepEqual(meaning('postgres://127.0.0.1/x', 'redis://127.0.0.1'), [])
})
