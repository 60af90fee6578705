import { BlockList, isIP } from 'node:net'
import { Unusable } from '../kernel/finding.ts'

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8, 'ipv4')
loopback.addAddress('::1', 'ipv6')

/** True for an address of this machine alone, also IPv4 written as IPv6. */
export function isLoopback(address: string | undefined): boolean {
  if (address === undefined) return false
  const plain = address.toLowerCase().startsWith('::ffff:') ? address.slice(7) : address
  const family = isIP(plain)
  return family !== 0 && loopback.check(plain, family === 4 ? 'ipv4' : 'ipv6')
}

/** Refuses, at start, an admin address (`host` without port or brackets) that others can reach. */
export function assertLoopback(host: string): void {
  if (host === 'localhost' || isLoopback(host)) return
  throw new Unusable([
    {
      rule: 'admin.exposed',
      severity: 'error',
      message: `the admin address ${host} can be reached from other machines`,
      fix: 'Write admin: { address: 127.0.0.1:9090 }; reach it from elsewhere through a tunnel.',
    },
  ])
}
