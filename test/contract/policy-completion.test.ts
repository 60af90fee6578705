import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { enforced } from '../../console/src/words/enforce.ts'
import { type PolicySchema, suggestionsAt } from '../../console/src/words/schema-suggestions.ts'
import { yamlPlace } from '../../console/src/words/yaml-place.ts'

const root = join(import.meta.dirname, '../..')
const schema = JSON.parse(readFileSync(join(root, 'schema/sallyport.schema.json'), 'utf8')) as PolicySchema

/** What the console offers at the end of a text. */
function offered(text: string): readonly string[] {
  const place = yamlPlace(text)
  return place === undefined ? [] : suggestionsAt(schema, place).map(({ label }) => label)
}

test('where one is about to write', () => {
  const cases: readonly (readonly [text: string, path: string, kind: string, prefix: string])[] = [
    ['', '', 'key', ''],
    ['ad', '', 'key', 'ad'],
    ['admin:\n  ', 'admin', 'key', ''],
    ['admin:\n  address: 127.0.0.1:9\n  loop', 'admin', 'key', 'loop'],
    ['admin: { address: "127.0.0.1:9090", loopback: vi', 'admin/loopback', 'value', 'vi'],
    ['admin: { address: "a: b, {", lo', 'admin', 'key', 'lo'],
    [
      'apis:\n  travel:\n    limits:\n      - { for: "*", per: caller }\n      - ',
      'apis/travel/limits/*',
      'key',
      '',
    ],
    ['apis:\n  travel:\n    limits:\n    - for: x\n      ra', 'apis/travel/limits/*', 'key', 'ra'],
    ['apis:\n  t:\n    limits: [{ for: login, per: [ip, body.x], mo', 'apis/t/limits/*', 'key', 'mo'],
    ['apis:\n  t:\n    objects:\n      a: {\n        id: x,\n        sch', 'apis/t/objects/a', 'key', 'sch'],
    ['listen:\n  - address: x\nadmin:\n  tok', 'admin', 'key', 'tok'],
    ['# a: comment\n\nlog:\n  events: no', 'log/events', 'value', 'no'],
  ]
  for (const [text, path, kind, prefix] of cases)
    assert.deepEqual(yamlPlace(text), { path: path === '' ? [] : path.split('/'), kind, prefix }, text)
  assert.equal(yamlPlace('admin: {} # what'), undefined)
})

test('what the schema knows is offered there', () => {
  assert.ok(offered('').includes('apis'))
  assert.deepEqual(offered('admin:\n  loopback: '), ['none', 'viewer', 'operator', 'administrator'])
  assert.deepEqual(offered('apis:\n  travel:\n    controls: { inj'), ['injection'])
  assert.deepEqual(offered('apis:\n  travel:\n    controls: { injection: ob'), ['observe'])
  assert.ok(offered('apis:\n  travel:\n    limits:\n      - { fail').includes('failures'))
  assert.deepEqual(offered('nothing:\n  of: the kin'), [])
})

test('no text makes it fail', () => {
  const part = fc.constantFrom(
    '\n',
    '  ',
    ' ',
    '- ',
    ': ',
    '{',
    '}',
    '[',
    ']',
    ',',
    '"',
    "'",
    '#',
    'apis',
    'limits',
    'constructor',
    '__proto__',
  )
  fc.assert(
    fc.property(fc.array(part, { maxLength: 60 }), (parts) => {
      offered(parts.join(''))
    }),
  )
})

test('a check that watches is made to enforce where that is written', () => {
  const text = 'apis:\n  a:\n    mode: observe\n  b:\n    controls: { limit: observe, injection: observe }\n'
  assert.equal(
    enforced(text, 'b', 'inspect.injection'),
    text.replace('injection: observe', 'injection: enforce'),
  )
  assert.equal(enforced(text, 'a', 'screen.schema'), text.replace('mode: observe', 'mode: enforce'))
  assert.equal(enforced(text, 'b', 'screen.schema'), undefined)
})
