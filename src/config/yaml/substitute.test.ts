// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the syntax of sallyport.yaml
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { inspect } from 'node:util'
import { parseConfig } from '../load-config.ts'
import { redactConfig } from '../redact-config.ts'
import { createPolicyFolder, places, smallest } from '../test-bed/policy-folder.ts'

const { folder, file, put, refusals } = createPolicyFolder()

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
