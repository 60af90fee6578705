import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Unusable } from '../../kernel/finding.ts'
import { canonicalAddress, parseAddress } from './address.ts'
import { chainOf, clientFromChain, parseForwarded } from './client-address.ts'
import { compileTrustedProxies } from './trusted-proxies.ts'

const trusted = compileTrustedProxies(['10.0.0.0/8', 'fd00::/8', '192.0.2.7'])

test('addresses have one canonical text', () => {
  assert.equal(canonicalAddress('::ffff:10.1.2.3'), '10.1.2.3')
  assert.equal(canonicalAddress('2001:DB8:0:0::1'), '2001:db8::1')
  assert.equal(canonicalAddress('fe80::1%eth0'), 'fe80::1')
  assert.equal(parseAddress(' 1.2.3.4:80 '), '1.2.3.4')
  assert.equal(parseAddress('[2001:db8::1]:443'), '2001:db8::1')
  for (const raw of [
    '',
    'unknown',
    '_hidden',
    '1.2.3',
    '1.2.3.4.5',
    '01.2.3.4',
    '[::1',
    '[1.2.3.4]',
    'a.b',
    '1.2.3.4:x',
    '::1:::',
    '0x7f.1',
  ])
    assert.equal(parseAddress(raw), undefined, raw)
})

test('F05 the client is the first untrusted address from the right', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['203.0.113.9', '203.0.113.9'],
    ['1.1.1.1, 203.0.113.9', '203.0.113.9'],
    ['203.0.113.9, 10.2.2.2, fd00::5', '203.0.113.9'],
    ['203.0.113.9:5555, [fd00::5]:80', '203.0.113.9'],
    ['1.1.1.1, unknown, 10.2.2.2', '10.2.2.2'],
    ['1.1.1.1, garbage;', '10.0.0.1'],
    ['', '10.0.0.1'],
    [',', '10.0.0.1'],
    ['10.3.3.3', '10.3.3.3'],
    ['::ffff:203.0.113.9', '203.0.113.9'],
    ['evil, ::ffff:10.9.9.9', '10.9.9.9'],
  ]
  for (const [chain, client] of cases)
    assert.equal(clientFromChain('10.0.0.1', chain, trusted), client, chain)
  const long = Array.from({ length: 1000 }, (_, i) => `1.1.${i >> 8}.${i & 255}`).join(', ')
  assert.equal(clientFromChain('10.0.0.1', `${long}, 203.0.113.9, 10.1.1.1`, trusted), '203.0.113.9')
  assert.equal(clientFromChain('10.0.0.1', Array(1000).fill('10.1.1.1').join(','), trusted), '10.1.1.1')
})

test('RFC 7239 elements', () => {
  assert.deepEqual(parseForwarded('for=192.0.2.43;proto=https, For="[2001:db8::1]:80";host="a\\"b"'), [
    { for: '192.0.2.43', proto: 'https', host: undefined },
    { for: '[2001:db8::1]:80', proto: undefined, host: 'a"b' },
  ])
  for (const bad of ['', 'for', 'for=', 'for=a;for=b', 'for="a', 'for=a,,for=b', 'for=a for=b', '=x'])
    assert.equal(parseForwarded(bad), undefined, bad)
  assert.equal(chainOf([{ for: '1.1.1.1, 2.2.2.2', proto: undefined, host: undefined }]), '1.1.1.1  2.2.2.2')
})

test('F03 nobody is trusted by default; a range that is none stops the start', () => {
  assert.equal(compileTrustedProxies([]).has('127.0.0.1'), false)
  for (const range of ['', 'all', '10.0.0.0/33', '10.0.0.0/-1', '::/129', '*', '10.0.0.0/8/8', '10.0.0.0/'])
    assert.throws(() => compileTrustedProxies([range]), Unusable, range)
  assert.equal(compileTrustedProxies(['::ffff:10.0.0.0/104']).has('10.200.0.1'), true)
  assert.equal(trusted.has('192.0.2.7'), true)
  assert.equal(trusted.has('192.0.2.8'), false)
})

test('property: prefixing anything to a chain never changes the client', () => {
  const chain = '203.0.113.9, 10.1.1.1'
  fc.assert(
    fc.property(fc.string({ unit: 'binary-ascii', maxLength: 200 }), (prefix) => {
      assert.equal(clientFromChain('10.0.0.1', `${prefix}, ${chain}`, trusted), '203.0.113.9')
    }),
  )
})

test('property: Forwarded is parsed or refused, never thrown', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary-ascii' }), (value) => void parseForwarded(value)))
})
