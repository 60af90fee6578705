import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { createSealer } from './seal.ts'

const sealer = createSealer(randomBytes(32))

test('what was sealed opens under its own key and context alone', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.string(), fc.string(), (bytes, context, other) => {
      const sealed = sealer.seal(bytes, context)
      assert.deepEqual(Uint8Array.from(sealer.open(sealed, context) ?? []), bytes)
      if (other !== context) assert.equal(sealer.open(sealed, other), undefined)
      assert.equal(createSealer(randomBytes(32)).open(sealed, context), undefined)
    }),
  )
})

test('any changed, cut or foreign byte string opens to nothing', () => {
  const sealed = sealer.seal(Buffer.from('seed'), 'totp:a')
  for (let i = 0; i < sealed.length; i++) {
    const changed = Uint8Array.from(sealed)
    changed[i] = (changed[i] ?? 0) ^ 1
    assert.equal(sealer.open(changed, 'totp:a'), undefined, `byte ${i}`)
    assert.equal(sealer.open(sealed.subarray(0, i), 'totp:a'), undefined, `cut at ${i}`)
  }
  fc.assert(fc.property(fc.uint8Array(), (bytes) => sealer.open(bytes, 'totp:a') === undefined))
})

test('the same bytes never seal to the same twice; a short key is refused', () => {
  const [one, two] = [sealer.seal(Buffer.from('x'), ''), sealer.seal(Buffer.from('x'), '')]
  assert.notDeepEqual(one, two)
  assert.throws(() => createSealer(randomBytes(16)), RangeError)
})
