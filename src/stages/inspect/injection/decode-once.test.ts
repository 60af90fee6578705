import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { decodeOnce } from './decode-once.ts'
import { maxDepth, readingsOf } from './views.ts'

it('undoes one layer of each encoding', () => {
  assert.equal(decodeOnce('%27%2527'), "'%27")
  assert.equal(decodeOnce('%u0027%c0%a7'), "''")
  assert.equal(decodeOnce('%e0%80%af%f0%80%80%af'), '//')
  assert.equal(decodeOnce('&lt;&#60;&#x3c;&#0000060;&apos;'), "<<<<'")
  assert.equal(decodeOnce('\\u0027\\x27\\u{27}\\047'), "''''")
  assert.equal(decodeOnce('\uff1c\u2019\u200b\u0441'), "<'c")
  assert.equal(decodeOnce('+ADw-b+AD4-'), '<b>')
  assert.equal(decodeOnce('100% & \\n &x; %zz'), '100% & \\n &x; %zz')
})

it('readings are few, and none is much longer than the text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
      const readings = [...readingsOf(text)]
      assert.ok(readings.length <= maxDepth + 4)
      for (const reading of readings) assert.ok(reading.text.length <= text.length * 3)
    }),
  )
})

it('base64 is read where a text is in it', () => {
  const hidden = Buffer.from('<script>f()</script>').toString('base64')
  assert.ok([...readingsOf(hidden)].some((reading) => reading.text.startsWith('<script')))
  assert.deepEqual([...readingsOf('3fd2b6a1c08e4f7f9a1b2c3d4e5f6071')], [])
})
