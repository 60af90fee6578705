import assert from 'node:assert/strict'
import { test } from 'node:test'
import { plainOperation } from '../../../test/flow/fakes.ts'
import type { SecurityAlternative, SecurityScheme } from '../../kernel/operation.ts'
import type { Principal } from '../../kernel/principal.ts'
import { anonymous } from '../../kernel/principal.ts'
import type { SchemeMapping } from './options.ts'
import { compilePlans, type Plan, satisfiedBy } from './plan.ts'

const schemes: readonly SecurityScheme[] = [
  { name: 'bearer', type: 'http', scheme: 'Bearer' },
  { name: 'oauth', type: 'oauth2' },
  { name: 'oidc', type: 'openIdConnect' },
  { name: 'basic', type: 'http', scheme: 'basic' },
  { name: 'key', type: 'apiKey', in: 'header', field: 'x-api-key' },
  { name: 'mtls', type: 'mutualTLS' },
  { name: 'proof', type: 'http', scheme: 'DPoP' },
]

/** `a b | c` as alternatives. */
function alternatives(text: string): SecurityAlternative[] {
  return text.split('|').map((one) =>
    one
      .split(' ')
      .filter((name) => name !== '')
      .map((scheme) => ({ scheme, scopes: [] })),
  )
}

function compile(
  security: readonly SecurityAlternative[],
  mapping?: readonly SchemeMapping[],
  others: readonly string[] = [],
): { plan: Plan; rules: string[] } {
  const operation = plainOperation({ security })
  const { plans, findings } = compilePlans(
    {
      name: 'travel',
      schemes,
      operations: [operation],
      ...(mapping === undefined ? {} : { security: mapping }),
    },
    ['travel', 'partner'],
    others,
  )
  const plan = plans.get(operation.slot)
  assert.ok(plan !== undefined)
  return { plan, rules: findings.map((finding) => finding.rule) }
}

/** Callers of these issuers on one call; `name+` has shown a key. */
function callers(...names: readonly string[]): Principal[] {
  return names.map((name) => ({
    ...anonymous,
    issuer: name.replace('+', ''),
    cnf: name.endsWith('+') ? { jkt: 'k', x5t: undefined } : undefined,
  }))
}

const mapping: readonly SchemeMapping[] = [
  { scheme: 'bearer', issuers: ['travel'] },
  { scheme: 'oauth', issuers: ['travel', 'partner'] },
  { scheme: 'oidc', issuers: 'public' },
]

test('no requirement: open, and named', () => {
  const { plan, rules } = compile([])
  assert.equal(plan.kind, 'open')
  assert.deepEqual(rules, ['open-door.public-operation'])
})

test('without a mapping every bearer scheme means all issuers', () => {
  for (const name of ['bearer', 'oauth', 'oidc']) {
    const { plan, rules } = compile(alternatives(name))
    assert.deepEqual(plan.issuers, ['travel', 'partner'])
    assert.equal(plan.optional, false)
    assert.deepEqual(rules, [])
  }
})

test('a scheme that nothing is mapped to, or that cannot be checked, closes the operation', () => {
  const rows: [string, readonly SchemeMapping[] | undefined, string][] = [
    ['key', undefined, 'identify.scheme-unsupported'],
    ['mtls', undefined, 'identify.scheme-unsupported'],
    ['basic', undefined, 'identify.scheme-unsupported'],
    ['nobody', undefined, 'identify.scheme-undeclared'],
    ['bearer', [], 'identify.scheme-unmapped'],
    ['bearer', [{ scheme: 'bearer', issuers: [] }], 'identify.scheme-unmapped'],
    ['bearer key', mapping, 'identify.scheme-unsupported'],
  ]
  for (const [security, mapped, rule] of rows) {
    const { plan, rules } = compile(alternatives(security), mapped)
    assert.equal(plan.kind, 'closed', security)
    assert.deepEqual(rules, [rule])
  }
})

test('alternatives are joined by or; the closed one is named and left out', () => {
  const { plan, rules } = compile(alternatives('key | bearer'), mapping)
  assert.equal(plan.kind, 'guarded')
  assert.deepEqual(plan.issuers, ['travel'])
  assert.deepEqual(rules, ['identify.scheme-unsupported'])
})

test('schemes of one alternative are joined by and: one token must satisfy all', () => {
  const { plan } = compile(alternatives('bearer oauth'), mapping)
  assert.deepEqual(plan.issuers, ['travel'])
  const apart = compile(alternatives('bearer oauth'), [
    { scheme: 'bearer', issuers: ['travel'] },
    { scheme: 'oauth', issuers: ['partner'] },
  ])
  assert.equal(apart.plan.kind, 'closed')
})

test('satisfied names the alternatives of each issuer', () => {
  const security = alternatives('bearer | oauth')
  const { plan } = compile(security, mapping)
  assert.deepEqual(satisfiedBy(plan, callers('travel')), security)
  assert.deepEqual(satisfiedBy(plan, callers('partner')), [security[1]])
  assert.deepEqual(satisfiedBy(plan, []), [])
})

test('an empty alternative, or a public scheme, lets callers without credentials pass, and is named', () => {
  for (const text of ['bearer |', 'bearer | oidc']) {
    const { plan, rules } = compile(alternatives(text), mapping)
    assert.equal(plan.kind, 'guarded')
    assert.equal(plan.optional, true)
    assert.equal(satisfiedBy(plan, callers('travel')).length, 2)
    assert.equal(satisfiedBy(plan, []).length, 1)
    assert.deepEqual(rules, ['open-door.anonymous-operation'])
  }
  assert.equal(compile(alternatives('oidc'), mapping).plan.kind, 'open')
  const both = compile(alternatives('oidc bearer'), mapping)
  assert.equal(both.plan.optional, false)
  assert.deepEqual(both.plan.issuers, ['travel'])
})

test('a closed alternative beside an empty one leaves anonymous access alone', () => {
  const { plan } = compile(alternatives('key |'), mapping)
  assert.equal(plan.kind, 'guarded')
  assert.deepEqual(plan.issuers, [])
  assert.equal(plan.optional, true)
})

test('keys and certificates are sources where they exist', () => {
  const { plan, rules } = compile(alternatives('key | mtls | bearer mtls'), undefined, [
    'keys',
    'certificates',
  ])
  assert.deepEqual(rules, [])
  assert.deepEqual(plan.others, ['keys', 'certificates'])
  assert.deepEqual(plan.issuers, ['travel', 'partner'])
  assert.equal(plan.plain, false)
  const counts = (...names: readonly string[]): number => satisfiedBy(plan, callers(...names)).length
  assert.equal(counts('travel'), 0)
  assert.equal(counts('keys'), 1)
  assert.equal(counts('certificates'), 1)
  assert.equal(counts('travel', 'certificates'), 2)
})

test('a scheme takes credentials of its own kind only', () => {
  const rows: [string, string][] = [
    ['mtls', 'travel'],
    ['key', 'certificates'],
    ['bearer', 'certificates'],
    ['bearer', 'keys'],
  ]
  for (const [scheme, to] of rows) {
    const { plan, rules } = compile(
      alternatives(scheme),
      [{ scheme, issuers: [to] }],
      ['keys', 'certificates'],
    )
    assert.equal(plan.kind, 'closed')
    assert.deepEqual(rules, ['identify.scheme-unmapped'])
  }
})

test('the scheme dpop takes a bound token alone', () => {
  const { plan } = compile(alternatives('proof'))
  assert.equal(plan.bearer, false)
  assert.equal(satisfiedBy(plan, callers('travel')).length, 0)
  assert.equal(satisfiedBy(plan, callers('travel+')).length, 1)
  assert.equal(compile(alternatives('proof | bearer')).plan.bearer, true)
})
