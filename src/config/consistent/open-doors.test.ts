// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the syntax of sallyport.yaml
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { type Finding, Unusable } from '../../kernel/finding.ts'
import { parseConfig } from '../load-config.ts'

const folder = mkdtempSync(join(tmpdir(), 'sallyport-config-'))
after(() => rmSync(folder, { recursive: true }))
for (const name of ['api.yaml', 'cert.pem', 'jwks.json'])
  writeFileSync(join(folder, name), '{}', { mode: 0o600 })
writeFileSync(join(folder, 'key.pem'), 'key', { mode: 0o600 })

const file = join(folder, 'sallyport.yaml')
const env = { SHORT: 'x'.repeat(31), LONG: 'y'.repeat(32), LONGER: 'z'.repeat(64) }

function findingsOf(text: string): readonly Finding[] {
  try {
    return parseConfig(text, file, env).findings
  } catch (error) {
    if (error instanceof Unusable) return error.findings
    throw error
  }
}

const listen = 'listen: [{ address: 127.0.0.1:0 }]\n'
const issuers = 'issuers:\n  i: { issuer: https://id.example, audience: api, algorithms: [ES256] }\n'
const apis = 'apis:\n  a: { contract: api.yaml, upstream: http://127.0.0.1:4000 }\n'
const _hs = (keys: string, algorithms = '[HS256]'): string =>
  `${listen}issuers:\n  i: { issuer: i, audience: a, algorithms: ${algorithms}, keys: ${keys} }\n${apis}`
const api = (more: string, upstream = 'http://127.0.0.1:4000'): string =>
  `${listen}${issuers}apis:\n  a:\n    contract: api.yaml\n    upstream: ${upstream}\n${more}`

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
