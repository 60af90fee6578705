import assert from 'node:assert/strict'
import { it } from 'node:test'
import { lintPatterns, slowness } from '../../tools/lint-patterns.ts'

it('V07 no pattern of the sources can be made slow', (t) => {
  const { count, slow } = lintPatterns()
  t.diagnostic(`${count} patterns`)
  assert.deepEqual(slow, [])
  assert.ok(count > 500)
})

it('V07 the lint knows slow patterns', () => {
  for (const slow of ['(a+)+b', '^(?:\\w+\\s?)*$', '(?:a|b+)*c', '(a)\\1', '(?:[a-z]{1,100}x?){1,100}'])
    assert.notEqual(slowness(slow, ''), undefined, slow)
  for (const fine of ['^[a-z]+$', '(?:ab){3}', 'a+b+', '^(?:[a-z]+,)*$', 'x{1,40}y{0,4}'])
    assert.equal(slowness(fine, ''), undefined, fine)
})
