import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { isBase64url } from './base64url.ts'

test('exactly the canonical spelling of some bytes is base64url', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 40 }), (bytes) => {
      assert.ok(isBase64url(Buffer.from(bytes).toString('base64url')))
    }),
  )
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'ABQgwZaz019-_+/= .\n'), maxLength: 12 }), (text) => {
      const canonical = text !== '' && Buffer.from(text, 'base64url').toString('base64url') === text
      assert.equal(isBase64url(text), canonical, text)
    }),
    { numRuns: 5000 },
  )
})
