import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { networkOf } from './network-of.ts'

it('networkOf: IPv4 by address, IPv6 by /64', () => {
  const table = [
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::', '2001:db8:1:2::/64'],
    ['2001:db8::5', '2001:db8:0:0::/64'],
    ['2001:0db8::5', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['::', '0:0:0:0::/64'],
    ['1::2:3:4:5:6:7', '1:0:2:3::/64'],
    ['64:ff9b::192.0.2.33', '64:ff9b:0:0::/64'],
  ] as const
  for (const [address, network] of table) assert.equal(networkOf(address), network, address)
})

it('networkOf: addresses share a network exactly when their first 64 bits are equal', () => {
  const groups = fc.array(fc.constantFrom('0', '1', 'ab', 'ffff'), { minLength: 8, maxLength: 8 })
  fc.assert(
    fc.property(groups, groups, (a, b) => {
      const same = a.slice(0, 4).join() === b.slice(0, 4).join()
      assert.equal(networkOf(a.join(':')) === networkOf(b.join(':')), same)
    }),
  )
})
