import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { Unusable } from '../kernel/finding.ts'
import type { Config } from './config.ts'
import { parseConfig } from './load-config.ts'

const folder = mkdtempSync(join(tmpdir(), 'sallyport-config-'))
after(() => rmSync(folder, { recursive: true }))
for (const name of ['api.yaml', 'cert.pem', 'key.pem', 'list.crl'])
  writeFileSync(join(folder, name), '{}', { mode: 0o600 })

interface Parts {
  readonly listen?: string
  readonly issuer?: string
  readonly top?: string
  readonly api?: string
}

function read({ listen = '', issuer = '', top = '', api = '' }: Parts): Config | readonly string[] {
  const text = `listen: [{ address: 127.0.0.1:0${listen} }]
issuers: { i: { issuer: https://id.example, audience: api, algorithms: [ES256]${issuer} } }
apis: { a: { contract: api.yaml, upstream: http://127.0.0.1:4000${api} } }
${top}
`
  try {
    return parseConfig(text, join(folder, 'sallyport.yaml'), {}).config
  } catch (error) {
    if (error instanceof Unusable) return error.findings.map((finding) => finding.rule)
    throw error
  }
}

const tls = ', tls: { certificate: cert.pem, key: key.pem'
const certificates = 'certificates: { subject: san.uri }'

test('what is written is what is read', () => {
  const config = read({
    listen: `${tls}, clientAuthorities: cert.pem, clientRevocations: list.crl }`,
    issuer: ', dpop: required, dpopNonce: required',
    top: 'certificates: { trustDomain: travel.example }',
    api: ', url: https://api.example/v1/, resource: https://api.example, security: { mtls: certificates }, authentication: [{ for: tag:pay, maxAge: 5min, acr: [strong], amr: [mfa] }]',
  })
  assert.ok('listen' in config)
  const [listener] = config.listen
  assert.ok(listener?.tls?.kind === 'files')
  assert.equal(listener.tls.clientRevocations, join(folder, 'list.crl'))
  assert.equal(config.issuers[0]?.dpop, 'required')
  assert.equal(config.issuers[0]?.dpopNonce, 'required')
  assert.deepEqual(config.certificates, {
    subject: 'san.uri',
    trustDomain: 'travel.example',
    pointer: '/certificates',
  })
  assert.equal(config.apis[0]?.url, 'https://api.example/v1')
  assert.deepEqual(config.apis[0]?.authentication, [
    { for: ['tag:pay'], maxAge: 300_000, acr: ['strong'], amr: ['mfa'], pointer: '/apis/a/authentication/0' },
  ])
})

test('by default bare tokens pass, nonces are off, certificates are nobody', () => {
  const config = read({})
  assert.ok('listen' in config)
  assert.equal(config.issuers[0]?.dpop, 'allowed')
  assert.equal(config.issuers[0]?.dpopNonce, 'off')
  assert.equal(config.certificates, undefined)
  assert.deepEqual(config.apis[0]?.authentication, [])
})

const rows: readonly (readonly [string, Parts, string])[] = [
  [
    'certificates without their section',
    { api: ', security: { m: certificates }' },
    'config.certificates-missing',
  ],
  [
    'a trust domain beside a name that is no URI',
    { top: 'certificates: { subject: san.dns, trustDomain: a }' },
    'config.trust-domain',
  ],
  [
    'lists without authorities',
    { listen: `${tls}, clientRevocations: list.crl }`, top: certificates },
    'config.listener',
  ],
  ['a rule that asks for nothing', { api: ', authentication: [{ for: "*" }]' }, 'config.authentication'],
  ['a URL that is none', { api: ', url: api.example' }, 'config.external-url'],
  ['a URL with a query', { api: ', url: "https://api.example/?a"' }, 'config.external-url'],
  ['a URL with a user', { api: ', url: "https://u@api.example"' }, 'config.external-url'],
  ['an identifier with a fragment', { api: ', resource: "https://api.example#a"' }, 'config.external-url'],
]
for (const [name, parts, rule] of rows) test(`${name}: ${rule}`, () => assert.deepEqual(read(parts), [rule]))
