import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isSpecialAddress } from './special-address.ts'

test('only public unicast is ordinary', () => {
  for (const address of [
    '8.8.8.8',
    '93.184.216.34',
    '172.15.255.255',
    '172.32.0.1',
    '100.63.255.255',
    '100.128.0.1',
    '2606:4700::1111',
    '2a00:1450::1',
  ])
    assert.ok(!isSpecialAddress(address), address)
  for (const address of [
    '',
    'x',
    '127.0.0.1',
    '::1',
    '::ffff:8.8.8.8',
    '64:ff9b::808:808',
    '2002:808:808::',
    '2001:0:808::',
    'fe80::1%eth0',
    '010.0.0.1',
    '1.2.3',
  ])
    assert.ok(isSpecialAddress(address), address)
})
