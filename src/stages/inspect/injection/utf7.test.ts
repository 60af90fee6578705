import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { decodeUtf7 } from './utf7.ts'

const shifted = (text: string): string =>
  `+${Buffer.from(text, 'utf16le').swap16().toString('base64').replaceAll('=', '')}-`

it('ASCII in shifted sequences is read back', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom(...'<>"\'&;![](){}=%'), minLength: 1, maxLength: 30 }),
      (text) => {
        const source = `x${shifted(text)}y`
        assert.deepEqual(decodeUtf7(source, 1), [text, source.length - 1])
      },
    ),
  )
  assert.deepEqual(decodeUtf7('+ADw', 0), ['<', 4])
})

it('a plus sign before anything else stays', () => {
  for (const text of ['+', '+1', '+49 170', '+A+B', '+AB negative', '+trips@mail', '+AAAA-', '+ZeVnLIqe-'])
    assert.equal(decodeUtf7(text, 0), undefined, text)
})
