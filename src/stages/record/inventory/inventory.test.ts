import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { dataClassOf } from './data-class.ts'
import { Distinct } from './distinct.ts'
import { PathTemplates } from './path-template.ts'
import { count } from './seen.ts'
import { shapeName, shapePointer } from './shape-name.ts'
import { valueAt, walkValue } from './walk-value.ts'

test('ids in paths become parameters with the name of what they are of', () => {
  const templates = new PathTemplates()
  for (const [path, template] of [
    ['/users/4711/orders', '/users/{userId}/orders'],
    ['/v2/companies/acme-12345/jobs', '/v2/companies/{companyId}/jobs'],
    ['/a/6f1c2d3e-0000-4000-8000-123456789abc', '/a/{aId}'],
    ['/reports/2026-11-24', '/reports/{reportId}'],
    ['/boxes/b1c2d3', '/boxes/{boxId}'],
    ['/mail/alice%40example.com', '/mail/{mailId}'],
    ['/1/2/3', '/{id}/{id2}/{id3}'],
    ['/health', '/health'],
    ['/', '/'],
  ] as const)
    assert.equal(templates.of('x', path), template, path)
})

test('what has very many names in one place is a parameter', () => {
  const templates = new PathTemplates()
  const names = 'abcdefghijklmnopqrstuvwxyz'.split('').flatMap((a) => [`${a}alice`, `${a}bob`])
  for (const name of names) templates.of('x', `/profiles/${name}`)
  assert.equal(templates.of('x', '/profiles/somebody'), '/profiles/{profileId}')
})

test('below what a contract declares, its names are taken', () => {
  const templates = new PathTemplates()
  templates.declare('x', '/people/{personId}')
  templates.declare('x', '/people/search')
  assert.equal(templates.of('x', '/people/alice/orders/12'), '/people/{personId}/orders/{orderId}')
  assert.equal(templates.of('x', '/people/search/deep'), '/people/search/deep')
  assert.equal(templates.of('y', '/people/12'), '/people/{peopleId}')
})

test('memory is bounded whatever is asked for', () => {
  const templates = new PathTemplates()
  const found = new Set<string>()
  for (let n = 0; n < 50_000; n++) {
    const word = [...String(n)].map((digit) => 'abcdefghij'[Number(digit)]).join('')
    found.add(templates.of('x', `/${word}/${word}x/${word}y`))
  }
  assert.ok(found.size < 5_000, String(found.size))
})

test('names stay, what may be a value does not', () => {
  for (const name of ['email', 'date_of_birth', 'x-trace', 'filter.price', 'line2'])
    assert.equal(shapeName(name), name)
  for (const name of [
    'alice@example.com',
    '4111111111111111',
    '6f1c2d3e-0000-4000-8000-123456789abc',
    'deadbeefcafe',
    'Alice Example',
    'user20261124',
    '',
    'ключ',
    'a'.repeat(80),
  ])
    assert.equal(shapeName(name), '*')
  assert.equal(shapePointer('/users/alice@example.com/0/name'), '/users/*/*/name')
})

test('no value of a body is in what is kept of it', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), fc.stringMatching(/^[0-9]{9,16}$/), (value, secret) => {
      const all: string[] = []
      walkValue({ a: value, [secret]: { b: secret }, list: [secret] }, (pointer) => all.push(pointer))
      assert.ok(!all.join(' ').includes(secret))
    }),
    { numRuns: 200 },
  )
})

test('values are found at their pointers', () => {
  const value = { a: [{ 'b/c': 1 }, { d: 2 }], __proto__: null }
  assert.equal(valueAt(value, '/a/*/b~1c'), 1)
  assert.equal(valueAt(value, '/a/1/d'), 2)
  assert.equal(valueAt(value, '/a/constructor'), undefined)
})

test('classes of sensitive data, by name and by form', () => {
  for (const [name, value, expected] of [
    ['x', 'alice@example.com', 'email'],
    ['dateOfBirth', '1990-01-01', 'date-of-birth'],
    ['x', '4111 1111 1111 1111', 'card-number'],
    ['x', '4111 1111 1111 1112', undefined],
    ['x', 'DE89 3704 0044 0532 0130 00', 'bank-account'],
    ['x', 'DE89 3704 0044 0532 0130 01', undefined],
    ['x', '+43 660 1234567', 'phone'],
    ['firstName', 'Alice', 'person-name'],
    ['password', 'hunter2', 'password'],
    ['x', '203.0.113.9', 'ip-address'],
    ['title', 'A day in the mountains', undefined],
    ['id', 42, undefined],
    ['latitude', 47.1, 'location'],
  ] as const)
    assert.equal(dataClassOf(name, value), expected, `${name} ${value}`)
})

test('distinct callers are counted within a tenth, and sketches join', () => {
  for (const number of [1, 10, 200, 20_000]) {
    const [a, b] = [new Distinct(), new Distinct()]
    for (let n = 0; n < number; n++) (n % 2 === 0 ? a : b).add(`caller-${n}`)
    for (let n = 0; n < number; n++) a.add(`caller-${n % Math.ceil(number / 2)}`)
    const both = new Distinct(a.toString())
    both.join(b)
    assert.ok(Math.abs(both.count - number) <= Math.max(1, number * 0.15), `${number}: ${both.count}`)
  }
  assert.equal(new Distinct('not a sketch').count, 0)
})

test('names that come again and again stay whatever somebody makes up', () => {
  const counts = new Map<string, { calls: number; type: 'unknown' }>()
  for (let n = 0; n < 500; n++) count(counts as never, 'often', 1)
  for (let n = 0; n < 5_000; n++) count(counts as never, `made-up-${n}`, 1)
  assert.ok(counts.has('often'))
  assert.ok(counts.size <= 64)
})
