import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { attributes, type Content, Html, html } from './html.ts'

/** Tags, attribute names and text of markup, read by the rules of the HTML standard for the forms we write. */
function shape(markup: string): string {
  return markup.replace(/"[^"]*"/g, '""').replace(/>[^<]*</g, '><')
}

const hostile = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({
    unit: fc.constantFrom(
      '<',
      '>',
      '"',
      "'",
      '&',
      '`',
      '=',
      '/',
      ' ',
      '\n',
      '\0',
      'script',
      'onload',
      '-->',
      ']]>',
    ),
  }),
  fc.constantFrom(
    '<script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    '&lt;script&gt;',
    '--><script>',
    '\ud800<b>',
    '</title><script>',
    'javascript:alert(1)',
  ),
)

test('hostile text never becomes markup, in text and in attributes', () => {
  const render = (text: string): string =>
    html`<div title="${text}"><input value="${text}"><p>${text} ${[text, html`<b>${text}</b>`]}</p></div>`.toString()
  const expected = shape(render('x'))
  fc.assert(
    fc.property(hostile, (text) => {
      assert.equal(shape(render(text)), expected)
      assert.doesNotMatch(render(text), /[\0-\x08\x0e-\x1f]|\p{Surrogate}/u)
    }),
    { numRuns: 2_000 },
  )
})

test('what is shown is what was given', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      const shown = html`<p>${text}</p>`.toString().slice(3, -4)
      const read = shown.replace(
        /&(?:amp|lt|gt|quot|#39|#96);/g,
        (entity) =>
          ({ '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'", '&#96;': '`' })[entity] ??
          '',
      )
      assert.equal(read, text.replace(/[\ufdd0-\ufdef\ufffe\uffff\x7f-\x9f]/g, '\ufffd'))
    }),
  )
})

test('a link leads to this server or to a known scheme, never to a program', () => {
  const link = (url: string): string | undefined =>
    /href="([^"]*)"/.exec(html`<a href="${url}">x</a>`.toString())?.[1]
  for (const url of [
    'javascript:alert(1)',
    ' javascript:alert(1)',
    'java\nscript:alert(1)',
    'JaVaScRiPt:alert(1)',
    'data:text/html,<script>',
    'vbscript:x',
    'blob:https://a/b',
    'file:///etc/passwd',
    '//evil.example/',
    '/\\evil.example/',
    '/a\\b',
    '\t//evil.example',
    '',
  ])
    assert.equal(link(url), 'about:invalid', JSON.stringify(url))
  assert.equal(link('/auth/account?a=1&b=2'), '/auth/account?a=1&amp;b=2')
  assert.equal(link('https://shop.example/a"b'), 'https://shop.example/a%22b')
  assert.equal(link('otpauth://totp/a?secret=B'), 'otpauth://totp/a?secret=B')
  fc.assert(
    fc.property(hostile, (text) => {
      const url = link(text) ?? ''
      assert.match(url, /^(?:about:invalid$|https?:|otpauth:|\/(?!\/)|#|\/$)/)
    }),
  )
})

test('places where text could act take no value', () => {
  const refused: (() => Html)[] = [
    () => html`<script>${'x'}</script>`,
    () => html`<style>${'x'}</style>`,
    () => html`<p style="${'x'}"></p>`,
    () => html`<p onclick="${'x'}"></p>`,
    () => html`<iframe srcdoc="${'x'}"></iframe>`,
    () => html`<${'p'}></p>`,
    () => html`<h${1}></h1>`,
    () => html`<p ${'x'}></p>`,
    () => html`<p data-${'x'}="1"></p>`,
    () => html`<p title=${'x'}></p>`,
    () => html`<p title='${'x'}'></p>`,
    () => html`<a href="/a/${'x'}">x</a>`,
    () => html`<a href="${'/a'}/b">x</a>`,
    () => html`<!-- ${'x'} -->`,
    () => html`<textarea>${'x'}</textarea>`,
    () => html`<p title="${'x'}`,
    () => html`<p ${attributes({ id: 'a' })}class="b"></p>`,
    () => html`<p title="${html`<b>x</b>` as unknown as string}"></p>`,
    () => html`<p>${attributes({ id: 'a' })}</p>`,
    () => html`<p>${{ toString: () => '<b>' } as unknown as Content}</p>`,
    () => html`<p ${attributes({ onclick: 'x' })}></p>`,
    () => html`<p ${attributes({ style: 'x' })}></p>`,
    () => html`<p ${attributes({ href: 'x' })}></p>`,
  ]
  for (const [index, make] of refused.entries()) assert.throws(make, TypeError, `template ${index}`)
  assert.throws(() => new Html(Symbol('html') as never, '<b>'), TypeError)
})

test('nothing, lists and optional attributes', () => {
  assert.equal(
    html`<ul>${[1, 2].map((n) => html`<li>${n}</li>`)}${undefined}${false}</ul>`.toString(),
    '<ul><li>1</li><li>2</li></ul>',
  )
  assert.equal(
    html`<input ${attributes({ required: true, disabled: false, value: undefined, 'aria-label': 'a"b' })} name="x">`.toString(),
    '<input  required aria-label="a&quot;b" name="x">',
  )
})
