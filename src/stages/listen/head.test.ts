import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { isDenied } from '../../kernel/verdict.ts'
import { type Head, parseHead } from './head.ts'

const limits = { headerBytes: 16_384, headerCount: 100 }

function head(lines: readonly string[], trusted = false, protocol: '1.1' | '2' = '1.1'): Head {
  const parsed = parseHead(lines, trusted, protocol, limits)
  assert.ok(!isDenied(parsed), isDenied(parsed) ? parsed.reason : '')
  return parsed
}

function code(lines: readonly string[], trusted = false, protocol: '1.0' | '1.1' | '2' = '1.1'): string {
  const parsed = parseHead(lines, trusted, protocol, limits)
  return isDenied(parsed) ? parsed.code : 'accepted'
}

test('names are lower-case, values as read, order kept', () => {
  assert.deepEqual(head(['Host', 'a', 'X-B', ' v ', 'x-b', '2']).flat, [
    'host',
    'a',
    'x-b',
    ' v ',
    'x-b',
    '2',
  ])
})

test('P01 hop-by-hop fields and those Connection names are gone', () => {
  const lines = [
    'Host',
    'a',
    'Connection',
    'keep-alive, X-Secret',
    'X-Secret',
    '1',
    'Keep-Alive',
    'x',
    'TE',
    'trailers',
    'Trailer',
    'x',
    'Proxy-Connection',
    'x',
    'Proxy-Authorization',
    'x',
    'Upgrade',
    'h2c',
    'HTTP2-Settings',
    'x',
    'X-Kept',
    '1',
  ]
  assert.deepEqual(head(lines).flat, ['host', 'a', 'x-kept', '1'])
})

test('P02 Connection must not name what others rely on', () => {
  for (const name of [
    'authorization',
    'Host',
    'cookie',
    'content-type',
    'x-forwarded-for',
    'X-Auth-Subject',
    'sallyport-identity',
    'traceparent',
    'forwarded',
  ])
    assert.equal(code(['Host', 'a', 'Connection', `close, ${name}`]), 'LISTEN_MALFORMED', name)
})

test('F01 F06 N08 fields only a proxy or the gateway may set are dropped', () => {
  const names = [
    'Forwarded',
    'X-Forwarded-For',
    'X-Forwarded-Proto',
    'X-Forwarded-Prefix',
    'X-Forwarded-Client-Cert',
    'X-Real-IP',
    'X-Client-IP',
    'True-Client-IP',
    'CF-Connecting-IP',
    'X-Envoy-Original-Path',
    'X-Original-URL',
    'X-Rewrite-URL',
    'X-SSL-Client-CN',
    'X-Client-Cert',
    'Sallyport-Identity',
    'SALLYPORT-ANYTHING',
    'X-HTTP-Method-Override',
    'X-Method-Override',
    'X-Middleware-Subrequest',
    'Remote-User',
    'Proxy',
  ]
  assert.deepEqual(head(['Host', 'a', ...names.flatMap((name) => [name, 'x'])]).flat, ['host', 'a'])
  const always = head(
    ['Host', 'a', 'Sallyport-Identity', 'x', 'X-Real-IP', '1.2.3.4', 'X-Original-URL', '/x'],
    true,
  )
  assert.deepEqual(always.flat, ['host', 'a'])
})

test('F02 names that collapse to the same CGI variable are dropped', () => {
  const lines = ['Host', 'a', 'X_Forwarded_For', 'x', 'x.forwarded.for', 'x', 'Remote_User', 'x', 'X_Y', 'x']
  assert.deepEqual(head(lines).flat, ['host', 'a'])
})

test('F08 singleton fields appear once', () => {
  for (const name of [
    'Authorization',
    'Host',
    'Content-Type',
    'Content-Length',
    'DPoP',
    'Origin',
    'Cookie',
    'X-API-Key',
    'User-Agent',
  ])
    assert.equal(code([name, '1', name.toLowerCase(), '1']), 'LISTEN_MALFORMED', name)
  assert.equal(code(['Host', 'a', 'Accept', 'a', 'Accept', 'b']), 'accepted')
})

test('F09 prototype names are ignored and reach no prototype', () => {
  const lines = ['Host', 'a', '__proto__', 'x', 'constructor', 'x', 'prototype', 'x', '__PROTO__', 'x']
  assert.deepEqual(head(lines).flat, ['host', 'a'])
  assert.equal(Object.getPrototypeOf({}), Object.prototype)
  assert.equal(code(['Host', 'a', 'Connection', '__proto__']), 'LISTEN_MALFORMED')
})

test('H03 H09 on HTTP/2 cookies join and connection-specific fields are refused', () => {
  assert.deepEqual(head(['cookie', 'a=1', 'x', 'y', 'cookie', 'b=2'], false, '2').flat, [
    'cookie',
    'a=1; b=2',
    'x',
    'y',
  ])
  for (const lines of [
    ['connection', 'close'],
    ['transfer-encoding', 'chunked'],
    ['upgrade', 'x'],
    ['te', 'gzip'],
    ['keep-alive', 'x'],
    ['proxy-connection', 'x'],
  ])
    assert.equal(code(lines, false, '2'), 'LISTEN_MALFORMED')
})

test('property: no hostile name makes anything but a head or a declared refusal', () => {
  const name = fc.oneof(
    fc.constantFrom(
      'Host',
      'Connection',
      'Content-Length',
      'Transfer-Encoding',
      'Cookie',
      'Expect',
      '__proto__',
      'hasOwnProperty',
      'toString',
    ),
    fc.string({ minLength: 1, unit: 'binary-ascii' }),
  )
  fc.assert(
    fc.property(
      fc.array(fc.tuple(name, fc.string({ unit: 'binary-ascii' })), { maxLength: 20 }),
      fc.boolean(),
      (lines, trusted) => {
        const parsed = parseHead(lines.flat(), trusted, '1.1', limits)
        if (isDenied(parsed)) assert.match(parsed.code, /^LISTEN_(MALFORMED|EXPECTATION|HEADERS_TOO_LARGE)$/)
        else
          for (let i = 0; i < parsed.flat.length; i += 2) {
            const kept: string = parsed.flat[i] ?? ''
            assert.doesNotMatch(
              kept,
              /^(connection|content-length|transfer-encoding|expect|upgrade|te|trailer|sallyport-.*|.*[_.].*)$/,
            )
            assert.equal(kept, kept.toLowerCase())
          }
      },
    ),
    { numRuns: 5000 },
  )
})
