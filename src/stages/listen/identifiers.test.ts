import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseAuthority } from './authority.ts'
import { requestIdOf } from './request-id.ts'
import { createTraceId, parseTraceparent } from './trace-id.ts'

test('F10 a request id is kept only where it is well-formed', () => {
  assert.equal(requestIdOf('a.b_c-1'), 'a.b_c-1')
  assert.equal(requestIdOf('x'.repeat(64)), 'x'.repeat(64))
  for (const bad of [undefined, '', 'a b', 'a\r\nb', 'x'.repeat(65), 'é', '<script>'])
    assert.match(requestIdOf(bad), /^[a-z0-9]+-[a-z0-9]+$/)
  assert.equal(new Set(Array.from({ length: 1000 }, () => requestIdOf(undefined))).size, 1000)
})

test('F10 traceparent only where it is valid', () => {
  const id = '4bf92f3577b34da6a3ce929d0e0e4736'
  assert.equal(parseTraceparent(`00-${id}-00f067aa0ba902b7-01`), id)
  assert.equal(parseTraceparent(`01-${id}-00f067aa0ba902b7-01-more`), id)
  for (const bad of [
    undefined,
    '',
    `00-${id}-00f067aa0ba902b7-01-more`,
    `ff-${id}-00f067aa0ba902b7-01`,
    `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`,
    `00-${id}-${'0'.repeat(16)}-01`,
    `00-${id.toUpperCase()}-00f067aa0ba902b7-01`,
    `00-${id}-00f067aa0ba902b7`,
  ])
    assert.equal(parseTraceparent(bad), undefined, String(bad))
  const made = new Set(Array.from({ length: 500 }, () => createTraceId()))
  assert.equal(made.size, 500)
  for (const one of made) assert.match(one, /^[0-9a-f]{32}$/)
})

test('N09 hosts compare without case, without one trailing dot, however many there are', () => {
  assert.equal(parseAuthority('API.Travel.Example.:443'), 'api.travel.example:443')
  for (let i = 0; i < 3000; i += 1) assert.equal(parseAuthority(`Host${i}`), `host${i}`)
  for (const bad of [
    '',
    '.',
    'a..',
    '-a',
    'a@b',
    'a/b',
    'a:',
    'a:1x',
    'a:123456',
    '[::1',
    '[zz]',
    'a b',
    'a,b',
    'x'.repeat(300),
  ])
    assert.equal(parseAuthority(bad), undefined, bad)
})
