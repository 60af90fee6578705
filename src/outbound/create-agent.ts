import { Agent } from 'undici'
import type { AddressPolicy } from './address-policy.ts'
import { type ConnectorOptions, createGuardedConnector } from './guarded-connector.ts'

/** The connections of one client. */
export function createAgent(
  policy: AddressPolicy,
  options: ConnectorOptions & { readonly maxBytes: number },
): Agent {
  const { timeoutMs, maxBytes } = options
  return new Agent({
    connect: createGuardedConnector(policy, options),
    connections: 16,
    keepAliveTimeout: 4000,
    keepAliveMaxTimeout: 10_000,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    maxHeaderSize: 16_384,
    maxResponseSize: maxBytes,
  })
}
