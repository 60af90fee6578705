import assert from 'node:assert/strict'
import { it } from 'node:test'
import { type AST, RegExpParser, visitRegExpAST } from '@eslint-community/regexpp'
import { detectors } from './detectors.ts'
import { readingsOf } from './views.ts'

/** Every pattern that the detectors run, found by watching them run on everything. */
function patternsInUse(): Map<string, { readonly pattern: RegExp; longest: number }> {
  const seen = new Map<string, { readonly pattern: RegExp; longest: number }>()
  const { exec } = RegExp.prototype
  RegExp.prototype.exec = function (text: string): RegExpExecArray | null {
    const one = seen.get(String(this)) ?? { pattern: this, longest: 0 }
    one.longest = Math.max(one.longest, text.length)
    seen.set(String(this), one)
    return exec.call(this, text)
  }
  try {
    for (const text of [...stirring, ...stirring.map((one) => (one === '' ? 'b' : one).repeat(3_000))])
      for (const place of ['query', 'json-key', 'name', 'header', 'json-string', 'text', 'path'] as const)
        for (const reading of [{ text, depth: 0 }, ...readingsOf(text)])
          for (const prose of [false, true])
            for (const detector of detectors)
              detector.run({
                text: reading.text,
                lower: reading.text.toLowerCase(),
                place,
                urlTyped: true,
                depth: reading.depth,
                prose,
              })
  } finally {
    RegExp.prototype.exec = exec
  }
  return seen
}

/** Texts that lead into every branch that a pattern guards. */
const stirring = [
  '',
  'a',
  "it's",
  '"a" or "b"',
  "x' or 1=1",
  '(select 1)',
  '$gt',
  'db.a.b',
  '; cat x',
  'cat /x',
  '/b?n/ca?',
  '{a,b}',
  '../a',
  'php://x',
  'data:x,',
  '/etc/x',
  '0x2e',
  '%c0%ae',
  '??',
  '{{a}}',
  '${a}',
  '${lower:j}',
  'jndi:',
  'java.lang',
  '<a b>',
  '<svg on',
  'alert(1)',
  'document.x',
  "'+'",
  '<!x',
  '&x;',
  '(a=b)',
  'x::y',
  '\n',
  '\r\nto: x',
  'http://a',
  'http://1',
  'localhost/',
  'ftp://x',
  'o:1:',
  '(',
  '`a`',
  'x\u00e9',
  '%41',
  'javascript:x',
  'a=1',
  'style=x',
  'a/**/b',
  'use x',
  'while(1)',
  '__proto__',
  'time ifconfig',
  'strace ls',
  'cmd /c',
  '12" or 3"',
  "1' or 2'",
  'sleep(',
  '1.e(',
  'x::int',
  'set',
  'is null',
  'order by',
  'rO0AB',
  '@x',
  'cos\n',
  'a b c d',
  'return true',
  'x__y__contains',
  'https://a.b/c.php?',
  '<link rel=x>',
  '<meta http-equiv=x>',
  '<form action=x>',
  '<animate to=x>',
  '</script>',
  '<!--',
  '<a href=x>',
  '<img src=//x>',
  '<f o r m',
  '{1*1}',
]

const parser = new RegExpParser({ ecmaVersion: 2025 })
/** No part of a pattern may repeat more often than this, unless the whole is tied to the start. */
const maxRepeat = 400

it('no pattern can be made slow: nothing repeats without end inside another repetition, or from anywhere', (t) => {
  const patterns = patternsInUse()
  t.diagnostic(`${patterns.size} patterns`)
  assert.ok(patterns.size > 120)
  for (const [name, { pattern, longest }] of patterns) {
    const tree = parser.parsePattern(pattern.source, 0, pattern.source.length, { unicode: false })
    const anchored = tree.alternatives.every(
      (one) => one.elements[0]?.type === 'Assertion' && one.elements[0].kind === 'start',
    )
    visitRegExpAST(tree, {
      onQuantifierEnter(node) {
        const inner = repeatsInside(node.element)
        assert.ok(
          node.max <= 1 || inner === 1 || node.max * inner <= 2_000,
          `${name}: ${node.raw} repeats a repetition`,
        )
        // Token strings of a context, slices of a word: short whatever the text is.
        if (!anchored && longest > 400)
          assert.ok(node.max <= maxRepeat, `${name}: ${node.raw} repeats without end`)
      },
      onBackreferenceEnter() {
        assert.fail(`${name}: refers back`)
      },
    })
  }
})

function repeatsInside(element: AST.QuantifiableElement): number {
  let most = 1
  if (element.type !== 'Group' && element.type !== 'CapturingGroup') return most
  for (const alternative of element.alternatives)
    for (const one of alternative.elements) {
      if (one.type === 'Quantifier' && one.max !== one.min)
        most = Math.max(most, one.max * repeatsInside(one.element))
      else if (one.type === 'Group' || one.type === 'CapturingGroup')
        most = Math.max(most, repeatsInside(one))
    }
  return most
}

it('a lint that cannot fail proves nothing: it knows a slow pattern', () => {
  const tree = parser.parsePattern('(?:a+)+b', 0, 8, { unicode: false })
  const [outer] = tree.alternatives[0]?.elements ?? []
  assert.equal(outer?.type, 'Quantifier')
  assert.ok(outer?.type === 'Quantifier' && outer.max * repeatsInside(outer.element) > 2_000)
})

it('time grows with the length of the text, for the texts that patterns fear', () => {
  const fears = [
    "'",
    '(',
    ')',
    '<',
    '<a ',
    '{{',
    '${',
    '../',
    ' ',
    '\n',
    'a',
    '1',
    ';',
    '|',
    '"x"',
    "'+'",
    '/*',
    '%c0',
    'on',
    'x=',
    '&#',
    '\\',
    '@',
    '.',
    '=1',
    ')(',
    'select ',
    'union ',
    '(select ',
    "' or ",
    'case when ',
    '\u2019',
    '\uff1c',
  ]
  for (const fear of fears)
    for (const detector of detectors) {
      const cost = (length: number): number => {
        const lower = fear.repeat(Math.ceil(length / fear.length)).slice(0, length)
        const view = {
          text: lower,
          lower,
          place: 'json-string',
          urlTyped: false,
          depth: 0,
          prose: false,
        } as const
        let best = Number.POSITIVE_INFINITY
        for (let i = 0; i < 3; i++) {
          const before = performance.now()
          detector.run(view)
          best = Math.min(best, performance.now() - before)
        }
        return best
      }
      const long = cost(65_536)
      assert.ok(long < 60, `${detector.name} takes ${long.toFixed(0)} ms for ${JSON.stringify(fear)}`)
    }
})
