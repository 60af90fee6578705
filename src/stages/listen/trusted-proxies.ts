import { BlockList, isIP } from 'node:net'
import { Unusable } from '../../kernel/finding.ts'
import { canonicalAddress } from './address.ts'

/** The proxies whose forwarding fields count. */
export interface TrustedProxies {
  /** @param address canonical text */
  has(address: string): boolean
}

/**
 * Compiles addresses and CIDR ranges. Nobody is trusted where the list is empty (row F03). Answers are
 * remembered for a bounded number of addresses, because the check of `net.BlockList` costs 2 µs.
 */
export function compileTrustedProxies(ranges: readonly string[]): TrustedProxies {
  if (ranges.length === 0) return { has: () => false }
  const list = new BlockList()
  for (const range of ranges) addRange(list, range)
  const known = new Map<string, boolean>()
  return {
    has(address) {
      let answer = known.get(address)
      if (answer === undefined) {
        answer = list.check(address, address.includes(':') ? 'ipv6' : 'ipv4')
        if (known.size >= 10_000) known.clear()
        known.set(address, answer)
      }
      return answer
    },
  }
}

function addRange(list: BlockList, range: string): void {
  const slash = range.indexOf('/')
  const address = slash === -1 ? range : range.slice(0, slash)
  const version = isIP(address)
  const bits = version === 4 ? 32 : 128
  const prefix =
    slash === -1 ? bits : /^[0-9]{1,3}$/.test(range.slice(slash + 1)) ? +range.slice(slash + 1) : -1
  if (version === 0 || prefix < 0 || prefix > bits)
    throw new Unusable([
      {
        rule: 'listen.trusted-proxy',
        severity: 'error',
        message: `trustedProxies: ${JSON.stringify(range)} is no address and no CIDR range`,
        fix: 'write 10.0.0.0/8 or fd00::/8',
      },
    ])
  const canonical = canonicalAddress(address)
  if (canonical.includes(':')) list.addSubnet(canonical, prefix, 'ipv6')
  else list.addSubnet(canonical, version === 6 ? Math.max(0, prefix - 96) : prefix, 'ipv4')
}
