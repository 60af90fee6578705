import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { load } from 'js-yaml'
import { applyEdits } from './apply-edits.ts'
import { auditText } from './audit-input.ts'
import type { Edit, Json } from './fix.ts'
import { runAudit } from './run-audit.ts'

function add(text: string, pointer: string, members: Readonly<Record<string, Json>>): string {
  const { sources } = auditText(text, 'a.yaml')
  const { text: edited } = applyEdits(text, [{ kind: 'add', at: { source: sources.root, pointer }, members }])
  return edited
}

test('block style: after an entry of one line, with its comment, in its indentation', () => {
  assert.equal(
    add('a:\n  type: string # why\n  items:\n    x: 1\n', '/a', { maxLength: 9 }),
    'a:\n  type: string # why\n  maxLength: 9\n  items:\n    x: 1\n',
  )
  assert.equal(add('a:\n  b:\n    c: 1\n', '/a', { d: true }), 'a:\n  d: true\n  b:\n    c: 1\n')
  assert.equal(
    add('l:\n  - name: x\n    in: query\n', '/l/0', { schema: { type: 'string' } }),
    'l:\n  - name: x\n    in: query\n    schema:\n      type: string\n',
  )
})

test('flow style and JSON: in the style of what is there', () => {
  assert.equal(add('a: { type: string }\n', '/a', { maxLength: 9 }), 'a: { type: string, maxLength: 9 }\n')
  assert.equal(add('a: {}\n', '/a', { b: { c: 'd' } }), 'a: { b: { c: d } }\n')
  assert.equal(add('{"a":{"b":[1]}}', '/a', { c: 2 }), '{"a":{"c": 2, "b":[1]}}')
  assert.equal(
    add('{\n  "a": {\n    "b": "x"\n  }\n}\n', '/a', { c: { d: 1 } }),
    '{\n  "a": {\n    "b": "x",\n    "c": {\n      "d": 1\n    }\n  }\n}\n',
  )
})

test('what does not exist is made; what exists is entered; CRLF stays', () => {
  assert.equal(
    add('a: 1\r\nb:\r\n  c: 2\r\n', '', { b: { d: { e: 3 } } }),
    'a: 1\r\nb:\r\n  c: 2\r\n  d:\r\n    e: 3\r\n',
  )
  assert.equal(add('a: 1\n', '/x/y', { z: 1 }), 'a: 1\nx:\n  y:\n    z: 1\n')
})

test('an addition that would overwrite is refused, and so is one into a text', () => {
  const text = 'a: { b: 1 }\nc: word\n'
  assert.equal(add(text, '/a', { b: 2 }), text)
  assert.equal(add(text, '/c', { b: 2 }), text)
})

test('a value in the place of another keeps its quotes', () => {
  const text = 'a: \'http://x\'\nb: "http://x"\nc: true # no\n'
  const { sources } = auditText(text, 'a.yaml')
  const at = (pointer: string): { source: typeof sources.root; pointer: string } => ({
    source: sources.root,
    pointer,
  })
  const edits: readonly Edit[] = [
    { kind: 'set', at: at('/a'), value: 'https://x' },
    { kind: 'set', at: at('/b'), value: 'https://x' },
    { kind: 'set', at: at('/c'), value: false },
  ]
  assert.equal(applyEdits(text, edits).text, 'a: \'https://x\'\nb: "https://x"\nc: false # no\n')
})

test('whatever the document: the safe fixes say what they mean, touch nothing else, and leave nothing to fix', () => {
  const name = fc.constantFrom('a', 'id', 'password', 'x-y', 'Ü', '1', 'on')
  const schema = fc.letrec((tie) => ({
    any: fc.oneof(
      { depthSize: 'small' },
      fc.record({ type: fc.constant('integer'), format: fc.constant('int32') }),
      fc.record({ type: fc.constant('string') }),
      fc.record({ type: fc.constant('object'), properties: fc.dictionary(name, tie('any'), { maxKeys: 3 }) }),
    ),
  })).any
  const document = fc.record({
    openapi: fc.constantFrom('3.0.3', '3.1.0'),
    info: fc.constant({ title: 'T', version: '1' }),
    paths: fc.dictionary(
      fc.constantFrom('/a', '/b/{id}', '/login'),
      fc.record({
        post: fc.record({
          requestBody: fc.record({ content: fc.record({ 'application/json': fc.record({ schema }) }) }),
          responses: fc.constantFrom(
            { 200: { description: 'it' } },
            { 200: { description: 'it' }, 401: { description: 'no' } },
          ),
        }),
      }),
      { minKeys: 1 },
    ),
  })
  fc.assert(
    fc.property(document, fc.constantFrom(0, 2, 4), (value, indent) => {
      const text = JSON.stringify(value, null, indent)
      const input = auditText(text, 'a.json')
      const safe = (): readonly Edit[] =>
        runAudit(input).findings.flatMap(({ repair }) => (repair?.safe === true ? (repair.edits ?? []) : []))
      const { text: edited, refused } = applyEdits(text, safe())
      assert.equal(refused, 0)
      const again = runAudit(auditText(edited, 'a.json')).findings
      assert.deepEqual(
        again.filter(({ repair }) => repair?.safe === true).map(({ rule }) => rule),
        [],
      )
      assertContains(load(edited), value, '')
    }),
    { numRuns: 60 },
  )
})

/** Everything of the old document is in the new one, unchanged. */
function assertContains(grown: unknown, old: unknown, pointer: string): void {
  if (typeof old !== 'object' || old === null) {
    assert.deepEqual(grown, old, pointer)
    return
  }
  for (const [key, value] of Object.entries(old))
    assertContains((grown as Record<string, unknown>)[key], value, `${pointer}/${key}`)
}
