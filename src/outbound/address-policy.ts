import { BlockList, isIP } from 'node:net'
import { Unusable } from '../kernel/finding.ts'
import { isLoopback, isSpecialAddress, withoutZone } from './special-address.ts'

/** Whom Sallyport itself may call. */
export interface AddressPolicy {
  /** Whether plain http may be used towards this host and port. */
  mayBePlain(host: string, port: number): boolean
  /** Whether a connection for `host:port` may go to this address. */
  mayConnect(address: string, host: string, port: number): boolean
  /** Adds to `allowPrivate`. Throws `Unusable`. */
  allow(entries: readonly string[]): void
}

export interface AddressPolicyOptions {
  /** `host:port` (also over plain http) or CIDR (https only) that may be called although it is not public. */
  readonly allowPrivate?: readonly string[]
  /** For development: loopback may be called, also over plain http. */
  readonly allowLoopback?: boolean
}

/** Throws `Unusable` for an entry that is neither `host:port` nor a CIDR. */
export function compileAddressPolicy(options: AddressPolicyOptions): AddressPolicy {
  const hosts = new Set<string>()
  const nets = new BlockList()
  const allow = (entries: readonly string[]): void => {
    for (const entry of entries) if (!addNet(nets, entry)) hosts.add(hostAndPort(entry))
  }
  allow(options.allowPrivate ?? [])
  const loopback = options.allowLoopback === true
  return {
    allow,
    mayBePlain: (host, port) =>
      hosts.has(`${host}:${port}`) || (loopback && (host === 'localhost' || isLoopback(host))),
    mayConnect(address, host, port) {
      if (!isSpecialAddress(address)) return true
      if (hosts.has(`${host}:${port}`)) return true
      const bare = withoutZone(address)
      if (loopback && isLoopback(bare)) return true
      const family = isIP(bare)
      return family !== 0 && nets.check(bare, family === 4 ? 'ipv4' : 'ipv6')
    },
  }
}

function addNet(nets: BlockList, entry: string): boolean {
  const match = /^([0-9a-fA-F.:]+)\/(\d{1,3})$/.exec(entry)
  if (match === null) return false
  const [, net = '', bits = ''] = match
  const family = isIP(net)
  const prefix = Number(bits)
  if (family === 0 || prefix > (family === 4 ? 32 : 128)) throw unusable(entry)
  nets.addSubnet(net, prefix, family === 4 ? 'ipv4' : 'ipv6')
  return true
}

/** In the spelling that `URL` gives a host, so that one spelling is compared with itself. */
function hostAndPort(entry: string): string {
  const match = /^(\[[^\]]+\]|[^:/@\s]+):(\d{1,5})$/.exec(entry)
  const url = match === null ? undefined : URL.parse(`http://${entry}/`)
  if (match === null || url === undefined || url === null) throw unusable(entry)
  return `${bareHost(url.hostname)}:${Number(match[2])}`
}

/** A URL's host name without the brackets of an IPv6 literal. */
export function bareHost(hostname: string): string {
  return hostname.startsWith('[') ? hostname.slice(1, -1) : hostname
}

function unusable(entry: string): Unusable {
  return new Unusable([
    {
      rule: 'outbound.allow',
      severity: 'error',
      message: `"${entry}" is neither host:port nor a network`,
      fix: 'write id.internal:8443 or 10.1.0.0/16',
    },
  ])
}
