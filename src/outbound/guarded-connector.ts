import { lookup as resolve } from 'node:dns'
import { isIP } from 'node:net'
import { buildConnector } from 'undici'
import { type AddressPolicy, bareHost } from './address-policy.ts'
import { guardedLookup, refusedAddress } from './guarded-lookup.ts'

export interface ConnectorOptions {
  readonly timeoutMs: number
  /** PEM authorities beside the system's. */
  readonly authorities: readonly string[] | undefined
  /** How names are resolved; `dns.lookup` unless a test says otherwise. */
  readonly resolve?: typeof resolve
}

/**
 * A connector that judges the address that is really connected to, not the name: literals before dialling,
 * answers of the resolver before one is picked, and the socket's own remote address once it stands. A name that
 * resolves differently the second time (DNS rebinding) gains nothing.
 */
export function createGuardedConnector(
  policy: AddressPolicy,
  options: ConnectorOptions,
): buildConnector.connector {
  return (target, callback) => {
    const host = bareHost(target.hostname)
    const port = Number(target.port) || (target.protocol === 'https:' ? 443 : 80)
    if (isIP(host) !== 0 && !policy.mayConnect(host, host, port)) {
      callback(refusedAddress(), null)
      return
    }
    const connect = buildConnector({
      allowH2: false,
      maxCachedSessions: 0,
      timeout: options.timeoutMs,
      lookup: guardedLookup(policy, host, port, options.resolve ?? resolve),
      ...(options.authorities === undefined ? {} : { ca: [...options.authorities] }),
    })
    connect(target, (...answer) => {
      const [error, socket] = answer
      if (error === null && !policy.mayConnect(socket.remoteAddress ?? '', host, port)) {
        socket.destroy()
        callback(refusedAddress(), null)
        return
      }
      callback(...answer)
    })
  }
}
