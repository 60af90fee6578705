import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { apiKeyLength, apiKeyPattern, createApiKeyText, parseApiKeyText } from './api-key-text.ts'

describe('API key text', () => {
  it('is what a scanner looks for, and reads back', () => {
    const seen = new Set<string>()
    for (let i = 0; i < 500; i++) {
      const { id, text } = createApiKeyText()
      assert.match(text, apiKeyPattern)
      assert.equal(text.length, apiKeyLength)
      assert.equal(parseApiKeyText(text), id)
      seen.add(text.slice(22))
    }
    assert.equal(seen.size, 500)
  })

  it('uses the whole alphabet evenly', () => {
    const counts = new Map<string, number>()
    for (let i = 0; i < 4000; i++)
      for (const letter of createApiKeyText('0'.repeat(12)).text.slice(22, 49))
        counts.set(letter, (counts.get(letter) ?? 0) + 1)
    assert.equal(counts.size, 62)
    const expected = (4000 * 27) / 62
    for (const [letter, count] of counts)
      assert.ok(Math.abs(count - expected) < expected * 0.15, `${letter}: ${count} of ${expected}`)
  })

  it('a rotation keeps the id and changes the secret', () => {
    const first = createApiKeyText()
    const second = createApiKeyText(first.id)
    assert.equal(second.id, first.id)
    assert.notEqual(second.text, first.text)
    assert.equal(parseApiKeyText(second.text), first.id)
  })

  it('every single slip is noticed', () => {
    const { text } = createApiKeyText()
    for (let i = 0; i < text.length; i++)
      for (const letter of ['A', '0', 'z', '_', '-', ' ', '\u0000', 'é'])
        if (text[i] !== letter)
          assert.equal(parseApiKeyText(text.slice(0, i) + letter + text.slice(i + 1)), undefined)
    assert.equal(parseApiKeyText(text.slice(0, -1)), undefined)
    assert.equal(parseApiKeyText(`${text}A`), undefined)
    assert.equal(parseApiKeyText(` ${text}`), undefined)
  })

  it('anything else is no key', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (text) => {
        assert.equal(parseApiKeyText(text), undefined)
      }),
    )
    fc.assert(
      fc.property(fc.stringMatching(/^slp_live_[0-9A-Za-z]{12}_[0-9A-Za-z]{33}$/), (text) => {
        const id = parseApiKeyText(text)
        assert.ok(id === undefined || text.startsWith(`slp_live_${id}_`))
      }),
    )
  })
})
