import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createAesSiv } from '../../src/crypto/aes-siv.ts'

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(/\s/g, ''), 'hex')

const a1 = {
  key: 'fffefdfc fbfaf9f8 f7f6f5f4 f3f2f1f0 f0f1f2f3 f4f5f6f7 f8f9fafb fcfdfeff',
  data: ['10111213 14151617 18191a1b 1c1d1e1f 20212223 24252627'],
  plain: '11223344 55667788 99aabbcc ddee',
  sealed: '85632d07 c6e8f37f 950acd32 0a2ecc93 40c02b96 90c4dc04 daef7f6a fe5c',
}
const a2 = {
  key: '7f7e7d7c 7b7a7978 77767574 73727170 40414243 44454647 48494a4b 4c4d4e4f',
  data: [
    '00112233 44556677 8899aabb ccddeeff deaddada deaddada ffeeddcc bbaa9988 77665544 33221100',
    '10203040 50607080 90a0',
    '09f91102 9d74e35b d84156c5 635688c0',
  ],
  plain:
    '74686973 20697320 736f6d65 20706c61 696e7465 78742074 6f20656e 63727970 74207573 696e6720 5349562d 414553',
  sealed:
    '7bdb6e3b 432667eb 06f4d14b ff2fbd0f cb900f2f ddbe4043 26601965 c889bf17 dba77ceb 094fa663 b7a3f748 ba8af829 ea64ad54 4a272e9c 485b62a3 fd5c0d',
}

test('RFC 5297 appendix A: deterministic and nonce-based authenticated encryption', () => {
  for (const { key, data, plain, sealed } of [a1, a2, a1]) {
    const context = createAesSiv(hex(key)).context(data.map(hex))
    assert.equal(context.seal(hex(plain)).toString('hex'), hex(sealed).toString('hex'))
    assert.equal(context.open(hex(sealed))?.toString('hex'), hex(plain).toString('hex'))
  }
})

test('whatever is sealed opens under the same key and data, and under no other; a changed bit does not open', () => {
  const bytes = fc.uint8Array({ maxLength: 200 })
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 64, maxLength: 64 }),
      fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 3 }),
      bytes,
      fc.nat(),
      (key, data, plain, where) => {
        const siv = createAesSiv(key)
        const context = siv.context(data)
        // Texts in between show that the ciphers carry nothing over from one to the next.
        context.seal(Buffer.from('another text that is longer than a block'))
        const sealed = context.seal(plain)
        assert.deepEqual(createAesSiv(key).context(data).seal(plain), sealed)
        assert.deepEqual(context.open(sealed), Buffer.from(plain))
        assert.equal(siv.context([...data, Buffer.from('more')]).open(sealed), undefined)
        const flipped = Buffer.from(sealed)
        const at = where % flipped.length
        flipped[at] = (flipped[at] as number) ^ 1
        assert.equal(context.open(flipped), undefined)
        assert.equal(context.open(sealed.subarray(0, sealed.length - 1)), undefined)
      },
    ),
    { numRuns: 300 },
  )
})

test('other lengths are no texts and no keys', () => {
  assert.throws(() => createAesSiv(Buffer.alloc(48)), RangeError)
  const context = createAesSiv(Buffer.alloc(64)).context([])
  assert.equal(context.open(Buffer.alloc(15)), undefined)
  assert.equal(context.open(context.seal(Buffer.alloc(0)))?.length, 0)
})
