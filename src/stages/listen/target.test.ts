import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { isDenied } from '../../kernel/verdict.ts'
import { parseTarget, type Target } from './target.ts'

function path(raw: string): string {
  const target = parseTarget(raw)
  return isDenied(target) ? target.code : target.path
}

test('a clean path is itself', () => {
  for (const raw of [
    '/',
    '/a',
    '/a/b/',
    '/api/v1/users/456/profile',
    "/a:b@c!$&'()*+,=~-_.x",
    '/.well-known/x',
    '/...',
    '/a..b',
    '/.a',
  ])
    assert.equal(path(raw), raw)
})

test('escapes have one spelling', () => {
  assert.equal(path('/%61%2d%7e'), '/a-~')
  assert.equal(path('/%e2%82%ac'), '/%E2%82%AC')
  assert.equal(path('/a%3ab%3B'), '/a%3Ab%3B')
  assert.equal(path('/{id}|"<>^`[]'), '/%7Bid%7D%7C%22%3C%3E%5E%60%5B%5D')
  assert.equal(path('/internal%20'), '/internal%20')
})

test('N02 N03 N04 what two parsers could read differently is refused', () => {
  const ambiguous = [
    '/public/../admin',
    '/%2e%2e/admin',
    '/.%2e/admin',
    '/a/..;/b',
    '/..%2fadmin',
    '/%252e%252e/admin',
    '/..\\admin',
    '//../x',
    '/./x',
    '/a/.',
    '/a/..',
    '//internal',
    '/a//b',
    '/internal;x=1',
    '/a%2Fb',
    '/a%2fb',
    '/a%5Cb',
    '/a%5cb',
    '/a%00',
    '/a%0a',
    '/a%7f',
    '/%c2%85',
    '/%80',
    '/%c0%af',
    '/%e0%80%af',
    '/%ed%a0%80',
    '/%f8%88%80%80%80',
    '/%',
    '/%4',
    '/%zz',
    '/%u002e',
    '/%25%32%65',
    '/%2541',
    '/%25%34%31',
    '/a%2e',
    '/%2E',
    '/a\\b',
    '/%e2%82',
  ]
  for (const raw of ambiguous) assert.equal(path(raw), 'LISTEN_PATH_AMBIGUOUS', raw)
})

test('W14 what is no target is malformed', () => {
  for (const raw of [
    '',
    'a',
    '/a#b',
    '/a b',
    '/a\tb',
    '/a\u0001',
    '/é',
    '/?é',
    '/?#',
    '/?a\\b',
    '/?a b',
    'a:80',
    'mailto:x',
    '*x',
    '?a',
  ])
    assert.equal(path(raw), 'LISTEN_MALFORMED', raw)
})

test('absolute form', () => {
  const target = parseTarget('HTTP://Example.com:80/a?b=c')
  assert.ok(!isDenied(target))
  assert.deepEqual(target.absolute, { scheme: 'http', authority: 'Example.com:80' })
  assert.equal(target.path, '/a')
  assert.equal(path('http://a'), '/')
  assert.equal(path('http://a?x'), '/')
  assert.equal(path('http://a/../b'), 'LISTEN_PATH_AMBIGUOUS')
})

test('the query is decoded, and stays as it was for forwarding', () => {
  const target = parseTarget('/a?x=1&y=a+b%20c&empty&=v&&x=%E2%82%AC&f[a]={1}|"')
  assert.ok(!isDenied(target))
  assert.equal(target.query, 'x=1&y=a+b%20c&empty&=v&&x=%E2%82%AC&f[a]={1}|"')
  assert.deepEqual(
    target.pairs.map(({ name, value }) => [name, value]),
    [
      ['x', '1'],
      ['y', 'a b c'],
      ['empty', ''],
      ['', 'v'],
      ['x', '€'],
      ['f[a]', '{1}|"'],
    ],
  )
})

test('F09 a query that does not decode, or names a prototype, is ambiguous', () => {
  for (const query of [
    '%',
    '%g0',
    'a=%ff',
    'a=%c0%80',
    'a%00=1',
    'a=%00',
    '__proto__=1',
    'a[__proto__][b]=1',
    '%5f_proto__=1',
    'constructor=1',
    'prototype',
    'a[constructor]=1',
    'constructor[prototype][x]=1',
    'constructor.prototype.x=1',
  ])
    assert.equal(path(`/?${query}`), 'LISTEN_QUERY_AMBIGUOUS', query)
  assert.equal(({} as Record<string, unknown>)['1'], undefined)
})

/** Paths of the pieces that parsers quarrel over. */
const pieces = fc.constantFrom(
  '/',
  '.',
  '%',
  '%2',
  '%2e',
  '%2F',
  '%25',
  '2e',
  '41',
  '%34%31',
  ';',
  '\\',
  '%5c',
  '%00',
  'a',
  'Z',
  '~',
  '%7e',
  '%C3%A9',
  '%c0',
  '%AF',
  ' ',
  '#',
  '?',
  'é',
  '|',
)
const hostile = fc.array(pieces, { maxLength: 12 }).map((parts) => `/${parts.join('')}`)
const anything = fc.oneof(
  hostile,
  fc.string({ unit: 'binary' }).map((text) => `/${text}`),
  fc.webUrl(),
)

function accepted(raw: string): Target | undefined {
  const target = parseTarget(raw)
  return isDenied(target) ? undefined : target
}

test('property: canonical once is canonical for ever', () => {
  fc.assert(
    fc.property(anything, (raw) => {
      const target = accepted(raw)
      if (target === undefined) return
      const again = accepted(target.path)
      assert.equal(again?.path, target.path)
    }),
    { numRuns: 20_000 },
  )
})

test('property: no canonical path decodes to separators, dot segments, controls, or a second escape', () => {
  fc.assert(
    fc.property(anything, (raw) => {
      const target = accepted(raw)
      if (target === undefined || target.path === '*') return
      const decoded = target.path.split('/').map(decodeURIComponent)
      assert.equal(decoded.shift(), '')
      for (const [index, segment] of decoded.entries()) {
        assert.ok(segment !== '' || index === decoded.length - 1, 'empty segment')
        assert.doesNotMatch(segment, /[/\\\u0000-\u001f\u007f-\u009f]|^\.{1,2}$|%[0-9a-f]{2}/i)
      }
      assert.match(target.path, /^[\x21-\x7e]+$/)
    }),
    { numRuns: 20_000 },
  )
})

test('property: the URL parser reads the same path', () => {
  fc.assert(
    fc.property(anything, (raw) => {
      const target = accepted(raw)
      if (target === undefined || target.path === '*') return
      assert.equal(new URL(target.path, 'http://a').pathname, target.path)
    }),
    { numRuns: 20_000 },
  )
})
