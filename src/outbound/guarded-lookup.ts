import type { lookup } from 'node:dns'
import type { LookupFunction } from 'node:net'
import type { AddressPolicy } from './address-policy.ts'
import { OutboundError } from './outbound-error.ts'

/** Resolves a name to addresses that may be connected to, or to a refusal. */
export function guardedLookup(
  policy: AddressPolicy,
  host: string,
  port: number,
  resolveName: typeof lookup,
): LookupFunction {
  return (name, options, callback) => {
    resolveName(name, { ...options, all: true }, (error, found) => {
      if (error !== null) {
        callback(error, [])
        return
      }
      const usable = found.filter((entry) => policy.mayConnect(entry.address, host, port))
      const first = usable[0]
      if (first === undefined) callback(refusedAddress(), [])
      else if (options.all === true) callback(null, usable)
      else callback(null, first.address, first.family)
    })
  }
}

/** What an address that may not be connected to is answered with. */
export function refusedAddress(): OutboundError {
  return new OutboundError('refused', 'the address is private or special and not listed as allowed')
}
