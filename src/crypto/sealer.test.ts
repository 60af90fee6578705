import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { createSealer } from './sealer.ts'

const sealer = createSealer(randomBytes(32))

test('what was sealed opens at its place, and nowhere else', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string(), fc.string(), (text, place, other) => {
      const sealed = sealer.seal(text, place)
      const whole = text.isWellFormed() ? text : text.toWellFormed()
      assert.equal(sealer.open(sealed, place), whole)
      if (other !== place) assert.equal(sealer.open(sealed, other), undefined)
    }),
    { numRuns: 200 },
  )
})

test('any changed character opens nothing', () => {
  const sealed = sealer.seal('a secret', 'here')
  for (let i = 0; i < sealed.length; i++) {
    // The last character of base64url may hold bits that mean nothing.
    const changed = sealed.slice(0, i) + (sealed[i] === 'A' ? 'B' : 'A') + sealed.slice(i + 1)
    if (Buffer.from(changed.slice(3), 'base64url').equals(Buffer.from(sealed.slice(3), 'base64url')) && i > 2)
      continue
    assert.equal(sealer.open(changed, 'here'), undefined, `at ${i}`)
  }
  for (const junk of ['', 'v1.', 'v1.AAAA', 'v2.'.concat(sealed.slice(3)), sealed.slice(0, -4)])
    assert.equal(sealer.open(junk, 'here'), undefined)
})

test('another key opens nothing and gives other digests; the same text is sealed differently each time', () => {
  const other = createSealer(randomBytes(32))
  const sealed = sealer.seal('x', 'here')
  assert.equal(other.open(sealed, 'here'), undefined)
  assert.notEqual(sealer.seal('x', 'here'), sealed)
  assert.notEqual(other.digest('x', 'here'), sealer.digest('x', 'here'))
  assert.notEqual(sealer.digest('x', 'there'), sealer.digest('x', 'here'))
  assert.equal(sealer.digest('x', 'here'), sealer.digest('x', 'here'))
  assert.ok(!sealer.derive('a').equals(sealer.derive('b')))
  assert.throws(() => createSealer(randomBytes(31)), RangeError)
})
