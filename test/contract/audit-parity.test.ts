import assert from 'node:assert/strict'
import { test } from 'node:test'
import { auditText } from '../../src/audit/audit-input.ts'
import { runAudit } from '../../src/audit/run-audit.ts'
import { spectralRules } from '../support/lint-rule-names.ts'

/** What each rule of the OWASP ruleset asks, as documents of our own: places with a finding, in order. */

const get = (operation: string): string => `paths: { /a: { get: { ${operation} } } }`
const parameter = (one: string): string => get(`parameters: [${one}], responses: {}`)
const schema = (one: string): string => `components: { schemas: { A: ${one} } }`
const scheme = (one: string): string => `components: { securitySchemes: { s: ${one} } }`
const A = '/components/schemas/A'
const responses = '/paths/~1a/get/responses'

const asked: Readonly<
  Record<string, readonly (readonly [version: string, document: string, found: readonly string[]])[]>
> = {
  'api1:2023-no-numeric-ids': [
    [
      '3.1.0',
      parameter('{ name: id, in: path, schema: { type: integer } }'),
      ['/paths/~1a/get/parameters/0/schema'],
    ],
    [
      '3.0.0',
      parameter('{ name: underscore_id, in: query, schema: { type: integer, format: int32 } }'),
      ['/paths/~1a/get/parameters/0/schema'],
    ],
    [
      '3.1.0',
      'paths: { /a: { parameters: [{ name: hyphen-id, in: path, schema: { type: integer } }], get: { responses: {} } } }',
      ['/paths/~1a/parameters/0/schema'],
    ],
    ['3.1.0', parameter('{ name: gid, in: query, schema: { type: integer } }'), []],
    ['3.1.0', parameter('{ name: camelId, in: path, schema: { type: string, format: uuid } }'), []],
  ],
  'api2:2023-no-http-basic': [
    ['3.1.0', scheme('{ type: http, scheme: basic }'), ['/components/securitySchemes/s/scheme']],
    ['3.1.0', scheme('{ type: http, scheme: bearer }'), []],
  ],
  'api2:2023-jwt-best-practices': [
    ['3.1.0', scheme('{ type: http, scheme: bearer, bearerFormat: jwt }'), ['/components/securitySchemes/s']],
    [
      '3.1.0',
      scheme('{ type: oauth2, description: Some tokens, flows: {} }'),
      ['/components/securitySchemes/s/description'],
    ],
    ['3.1.0', scheme('{ type: oauth2, description: As RFC8725 says, flows: {} }'), []],
    ['3.1.0', scheme('{ type: http, scheme: bearer }'), []],
  ],
  'api2:2023-no-credentials-in-url': [
    ...[
      'client_secret',
      'clientsecret',
      'access_token',
      'refreshtoken',
      'id_token',
      'password',
      'secret',
      'apikey',
      'my-api-key',
    ].map(
      (name) =>
        [
          '3.1.0',
          parameter(`{ name: ${name}, in: query, schema: { type: string } }`),
          ['/paths/~1a/get/parameters/0/name'],
        ] as const,
    ),
    ['3.1.0', parameter('{ name: token, in: header, schema: { type: string } }'), []],
    ['3.1.0', parameter('{ name: colour, in: path, schema: { type: string } }'), []],
  ],
  'api2:2023-write-restricted': [
    [
      '3.1.0',
      'paths: { /a: { put: {}, post: {}, delete: {}, patch: {}, get: {} } }',
      ['delete', 'patch', 'post', 'put'].map((method) => `/paths/~1a/${method}`),
    ],
    ['3.1.0', 'security: [{ s: [] }]\npaths: { /a: { put: { security: [] } } }', ['/paths/~1a/put/security']],
    ['3.1.0', 'security: [{ s: [] }]\npaths: { /a: { put: {} } }', []],
  ],
  'api2:2023-read-restricted': [
    ['3.1.0', 'paths: { /a: { get: {}, head: {}, post: {} } }', ['/paths/~1a/get', '/paths/~1a/head']],
    ['3.1.0', 'paths: { /a: { get: { security: [{ s: [] }] } } }', []],
  ],
  'api3:2023-no-additionalProperties': [
    ['3.0.0', schema('{ type: object, additionalProperties: true }'), [`${A}/additionalProperties`]],
    [
      '3.0.0',
      schema('{ type: object, additionalProperties: { type: string } }'),
      [`${A}/additionalProperties`],
    ],
    ['3.0.0', schema('{ type: object, additionalProperties: false }'), []],
    ['3.0.0', schema('{ type: object }'), []],
  ],
  'api3:2023-no-unevaluatedProperties': [
    ['3.1.0', schema('{ type: object, unevaluatedProperties: true }'), [`${A}/unevaluatedProperties`]],
    ['3.1.0', schema('{ type: object, unevaluatedProperties: false }'), []],
    ['3.1.0', schema('{ type: object }'), []],
  ],
  'api4:2023-integer-limit': [
    ['3.1.0', schema('{ type: [integer, "null"] }'), [A]],
    ['3.1.0', schema('{ type: integer, minimum: 1 }'), [A]],
    ['3.1.0', schema('{ type: integer, exclusiveMaximum: 9, maximum: 8, minimum: 1 }'), [A]],
    ['3.1.0', schema('{ type: integer, exclusiveMinimum: 1, exclusiveMaximum: 9 }'), []],
    ['3.1.0', schema('{ type: [integer, "null"], minimum: 1, maximum: 9 }'), []],
  ],
  'api4:2023-rate-limit-responses-429': [
    ['3.1.0', get('responses: { 200: { description: it } }'), [responses]],
    ['3.1.0', get('responses: { 429: { description: slow } }'), [`${responses}/429`]],
    ['3.1.0', get('responses: { 429: { description: slow, content: { application/json: {} } } }'), []],
  ],
  'api4:2023-string-limit': [
    ['2.0', 'definitions: { A: { type: string } }', ['/definitions/A']],
    ['3.0.0', schema('{ type: string }'), [A]],
    ['3.1.0', schema('{ type: ["null", string] }'), [A]],
    ['3.1.0', schema('{ type: string, maxLength: 9 }'), []],
    ['3.1.0', schema('{ type: string, const: a }'), []],
    ['3.0.0', schema('{ type: string, enum: [a] }'), []],
  ],
  'api5:2023-admin-security-unique': [
    [
      '3.1.0',
      'paths: { /admin/a: { get: { security: [{ s: [] }] } }, /b: { get: { security: [{ s: [] }] } } }',
      ['/paths/~1admin~1a/get/security/0'],
    ],
    [
      '3.1.0',
      'paths: { /admin/a: { get: { security: [{ t: [] }, { s: [] }] } }, /b: { get: { security: [{ s: [] }] } } }',
      ['/paths/~1admin~1a/get/security/1'],
    ],
    [
      '3.1.0',
      'paths: { /admin/a: { get: { security: [{ s: [admin] }] } }, /b: { get: { security: [{ s: [] }] } } }',
      [],
    ],
  ],
  'api7:2023-concerning-url-parameter': [
    ...['callback', 'redirect', 'target_url', 'imageUrl', 'next-url'].map(
      (name) =>
        [
          '3.1.0',
          parameter(`{ name: ${name}, in: query, schema: { type: string } }`),
          ['/paths/~1a/get/parameters/0/name'],
        ] as const,
    ),
    [
      '3.1.0',
      'paths: { /a: { parameters: [{ name: redirect_url, in: query }], get: {} } }',
      ['/paths/~1a/parameters/0/name'],
    ],
    ['3.1.0', parameter('{ name: curl_options, in: query, schema: { type: string } }'), []],
  ],
  'api8:2023-define-cors-origin': [
    ['3.1.0', get('responses: { 200: { description: it, headers: {} } }'), [`${responses}/200/headers`]],
    [
      '3.1.0',
      get('responses: { 200: { description: it, headers: { Access-Control-Allow-Origin: {} } } }'),
      [],
    ],
  ],
  'api8:2023-define-error-responses-500': [
    ['3.1.0', get('responses: { 200: { description: it } }'), [responses]],
    ['3.1.0', get('responses: { 500: { description: broken } }'), [`${responses}/500`]],
    ['3.1.0', get('responses: { 500: { description: broken, content: { application/json: {} } } }'), []],
  ],
  'api8:2023-define-error-validation': [
    ['3.1.0', get('responses: { 200: { description: it } }'), [responses]],
    ['3.1.0', get('responses: { 400: { description: wrong } }'), []],
    ['3.1.0', get('responses: { 422: { description: wrong } }'), []],
    ['3.1.0', get('responses: { 4XX: { description: wrong } }'), []],
  ],
  'api9:2023-inventory-access': [
    [
      '3.1.0',
      'servers: [{ url: "https://a.example" }, { url: "https://b.example", x-internal: true }]',
      ['/servers/0'],
    ],
    ['3.1.0', 'servers: [{ url: "https://b.example", x-internal: false }]', []],
  ],
}

for (const [name, documents] of Object.entries(asked))
  test(`owasp:${name}`, () => {
    const rule = spectralRules.get(`owasp:${name}`)
    assert.ok(rule !== undefined)
    for (const [version, document, expected] of documents) {
      const head = version === '2.0' ? 'swagger: "2.0"' : `openapi: ${version}`
      const text = `${head}\ninfo: { version: "1" }\n${document}\n`
      const { findings } = runAudit(auditText(text, 'a.yaml'))
      const found: string[] = findings.filter((one) => one.rule === rule).map(({ place }) => place.pointer)
      assert.deepEqual(found.sort(), [...expected].sort(), document)
    }
  })
