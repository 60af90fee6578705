// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the syntax of sallyport.yaml
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect } from 'node:util'
import fc from 'fast-check'
import { Unusable } from '../kernel/finding.ts'
import type { Config } from './config.ts'
import { parseConfig } from './load-config.ts'
import { createPolicyFolder, smallest } from './test-bed/policy-folder.ts'

const { file } = createPolicyFolder()

/** Something like the file, with pieces of it exchanged for others. */
const pieces = fc.oneof(
  fc.constantFrom(
    'listen',
    'apis',
    'issuers',
    'travel',
    '127.0.0.1:1',
    '${A}',
    '${',
    '*',
    '&a',
    '*a',
    '!x',
    '- ',
    '? ',
    '<<',
    '__proto__',
    '0.0.0.0/0',
    '[',
    '{',
    '}',
    ']',
    ':',
    '\n',
    '  ',
    '#',
    '|',
    '"',
    "'",
    '---',
    '%YAML',
    'null',
    '1e999',
    '\u0000',
    '\uFEFF',
    'constructor',
  ),
  fc.string({ maxLength: 8 }),
)

test('whatever the text, nothing but Unusable is thrown', () => {
  const attempt = (text: string): void => {
    try {
      parseConfig(text, file, { A: 'x' })
    } catch (error) {
      assert.ok(error instanceof Unusable, `${inspect(error)} for ${JSON.stringify(text)}`)
      assert.ok(error.findings.length > 0)
      for (const { place, message } of error.findings) {
        assert.ok(place !== undefined && message !== '')
        assert.ok((place.line ?? 1) >= 1 && (place.column ?? 1) >= 1)
      }
    }
  }
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 40 }), (parts) => attempt(parts.join(''))),
    { numRuns: 1500 },
  )
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(smallest.length), fc.nat(12), pieces), { minLength: 1, maxLength: 4 }),
      (edits) =>
        attempt(
          edits.reduce(
            (text, [at, length, piece]) => text.slice(0, at) + piece + text.slice(at + length),
            smallest,
          ),
        ),
    ),
    { numRuns: 1500 },
  )
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => attempt(JSON.stringify(value))),
    { numRuns: 500 },
  )
})

test('a value by the schema, with any value anywhere, is read or refused', () => {
  const value = parseConfig(smallest, file, {}).config satisfies Config
  assert.ok(value)
  const base = {
    listen: [{ address: '127.0.0.1:1' }],
    issuers: { i: { issuer: 'https://i.example', audience: 'a', algorithms: ['ES256'] } },
    apis: { a: { contract: 'travel.openapi.yaml', upstream: { url: 'http://127.0.0.1:1' } } },
  }
  const paths = [
    ['listen'],
    ['listen', '0'],
    ['listen', '0', 'address'],
    ['listen', '0', 'tls'],
    ['admin'],
    ['issuers'],
    ['issuers', 'i'],
    ['issuers', 'i', 'keys'],
    ['issuers', 'i', 'audience'],
    ['apis'],
    ['apis', 'a'],
    ['apis', 'a', 'upstream'],
    ['apis', 'a', 'security'],
    ['apis', 'a', 'limits'],
    ['apis', 'a', 'objects'],
    ['apis', 'a', 'cors'],
    ['store'],
    ['bounds'],
    ['trustedProxies'],
  ]
  fc.assert(
    fc.property(fc.constantFrom(...paths), fc.jsonValue({ maxDepth: 3 }), (path, replacement) => {
      const copy = structuredClone(base) as Record<string, unknown>
      let node = copy
      for (const token of path.slice(0, -1)) {
        node[token] ??= {}
        node = node[token] as Record<string, unknown>
      }
      node[path.at(-1) ?? ''] = replacement
      try {
        parseConfig(JSON.stringify(copy), file, {})
      } catch (error) {
        assert.ok(error instanceof Unusable, inspect(error))
      }
    }),
    { numRuns: 1000 },
  )
})
