import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseEmailAddress } from './email-address.ts'

test('addresses as mail knows them', () => {
  for (const [text, address, key] of [
    ['Alice@Mail.Example', 'Alice@mail.example', 'alice@mail.example'],
    ["o'neil+tag=1/x@a-b.example", "o'neil+tag=1/x@a-b.example", "o'neil+tag=1/x@a-b.example"],
    ['jörg@bücher.example', 'jörg@xn--bcher-kva.example', 'jörg@xn--bcher-kva.example'],
    ['jo\u0308rg@mail.example', 'jörg@mail.example', 'jörg@mail.example'],
    ['почта@пример.example', 'почта@xn--e1afmkfd.example', 'почта@xn--e1afmkfd.example'],
    // A Kelvin sign is the letter K, in Unicode's own words: the mail goes to the letter.
    ['\u212aelvin@mail.example', 'Kelvin@mail.example', 'kelvin@mail.example'],
    [`${'a'.repeat(64)}@mail.example`, `${'a'.repeat(64)}@mail.example`, `${'a'.repeat(64)}@mail.example`],
  ] as const)
    assert.deepEqual(parseEmailAddress(text), { address, key }, text)
})

test('everything else is refused: no address is folded onto another, none carries a header', () => {
  for (const text of [
    '',
    '@',
    'a',
    'a@',
    '@mail.example',
    'a@localhost',
    'a@127.0.0.1',
    'a@[127.0.0.1]',
    'a@0x7f.1',
    'a@mail..example',
    'a@-mail.example',
    'a@mail-.example',
    'a@mail.example.',
    'a@mail.example/path',
    'a@mail.example:25',
    'a@mail%2eexample',
    'a@mail.example#x',
    'a b@mail.example',
    '.a@mail.example',
    'a.@mail.example',
    'a..b@mail.example',
    'a@b@mail.example',
    '"a b"@mail.example',
    'a(c)@mail.example',
    'a,b@mail.example',
    '<a@mail.example>',
    'a@mail.example\r\nBcc: b@evil.example',
    'a\n@mail.example',
    'a\u0000@mail.example',
    'a\u200b@mail.example',
    'a\u202e@mail.example',
    'ﬁx@mail.example',
    'ａ@mail.example',
    '\ud800@mail.example',
    `${'a'.repeat(65)}@mail.example`,
    `${'ö'.repeat(33)}@mail.example`,
    `a@${'b'.repeat(64)}.example`,
    `a@${'b.'.repeat(130)}example`,
    'x'.repeat(1_000_000),
  ])
    assert.equal(parseEmailAddress(text), undefined, JSON.stringify(text.slice(0, 60)))
})

test('property: parsing again gives the same; one key is one mailbox up to case; no separator survives', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 80 }),
    fc.emailAddress(),
    fc
      .tuple(fc.string({ unit: 'grapheme', maxLength: 20 }), fc.domain())
      .map(([name, domain]) => `${name}@${domain}`),
  )
  let parsedOnes = 0
  fc.assert(
    fc.property(text, (one) => {
      const parsed = parseEmailAddress(one)
      if (parsed === undefined) return
      parsedOnes++
      assert.deepEqual(parseEmailAddress(parsed.address), parsed)
      assert.equal(parsed.address.toLowerCase(), parsed.key)
      assert.doesNotMatch(parsed.address, /[\s<>,;:"()[\]\\\p{C}]/u)
    }),
    { numRuns: 2_000 },
  )
  assert.ok(parsedOnes > 300)
})
