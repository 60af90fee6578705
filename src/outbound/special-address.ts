import { BlockList, isIP } from 'node:net'

// IANA special-purpose registries for IPv4, and multicast and reserved space.
const special4: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
]

// Inside 2000::/3: protocol assignments with Teredo, documentation, 6to4, documentation again.
const special6: readonly (readonly [string, number])[] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
]

const special = new BlockList()
for (const [net, prefix] of special4) special.addSubnet(net, prefix, 'ipv4')
for (const [net, prefix] of special6) special.addSubnet(net, prefix, 'ipv6')

const global6 = new BlockList()
global6.addSubnet('2000::', 3, 'ipv6')

/**
 * Whether an address is anything but ordinary public unicast: loopback, private, shared, link-local (where cloud
 * metadata lives), multicast, reserved, and every IPv6 form that carries an IPv4 address (mapped, NAT64, 6to4,
 * Teredo). Text that is no address counts as special.
 */
export function isSpecialAddress(address: string): boolean {
  const bare = withoutZone(address)
  switch (isIP(bare)) {
    case 4:
      return special.check(bare, 'ipv4')
    case 6:
      return !global6.check(bare, 'ipv6') || special.check(bare, 'ipv6')
    default:
      return true
  }
}

/** Whether an address is the machine itself: 127/8 or ::1. */
export function isLoopback(address: string): boolean {
  return isIP(address) === 4 ? address.startsWith('127.') : address === '::1'
}

/** `fe80::1%eth0` without its zone. */
export function withoutZone(address: string): string {
  const at = address.indexOf('%')
  return at < 0 ? address : address.slice(0, at)
}
