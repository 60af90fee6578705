import assert from 'node:assert/strict'
import { it } from 'node:test'
import { parseXmlTexts } from './xml-texts.ts'

it('texts of elements and attributes, decoded', () => {
  assert.deepEqual(
    parseXmlTexts(
      `<?xml version="1.0" encoding="UTF-8"?>\n<a b="x &amp; y"><c d='1'/>one<![CDATA[<two>]]></a>`,
    ),
    ['x & y', '1', 'one', '<two>'],
  )
})

it('what declares something is a doctype, and what is not well-formed is nothing', () => {
  assert.equal(parseXmlTexts('<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'), 'doctype')
  for (const bad of [
    '<a>',
    '<a></b>',
    '<a/><b/>',
    'text',
    '<a b=1/>',
    '<a b="1" b="2"/>',
    '<a>&x;</a>',
    '<a>&#0;</a>',
    '<a>& b</a>',
    '<?xml-stylesheet href="x"?><a/>',
    '<?xml version="1.0" encoding="utf-7"?><a/>',
    `${'<a>'.repeat(65)}${'</a>'.repeat(65)}`,
  ])
    assert.equal(parseXmlTexts(bad), 'malformed', bad)
})
