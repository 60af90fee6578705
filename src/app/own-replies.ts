import type { Arrived, Reply } from '../kernel/facts.ts'
import type { Assertion } from '../stages/forward/identity.ts'
import { ownReply } from './own-reply.ts'
import type { ResourceMetadata } from './resource-metadata.ts'

/** Documents that the gate itself serves on every listener, by path. */
export function createOwnReplies(
  assertion: Assertion,
  metadata: ResourceMetadata,
  contracts: ReadonlyMap<string, Uint8Array> = new Map(),
): (arrived: Arrived) => Reply | undefined {
  let { jwks } = assertion
  let keys: Uint8Array = Buffer.from(JSON.stringify(jwks))
  return (arrived) => {
    if (!arrived.path.startsWith('/.well-known/')) return undefined
    if (jwks !== assertion.jwks) {
      jwks = assertion.jwks
      keys = Buffer.from(JSON.stringify(jwks))
    }
    const body = arrived.path === '/.well-known/sallyport/jwks.json' ? keys : contracts.get(arrived.path)
    if (body === undefined) return metadata.reply(arrived)
    return arrived.method === 'GET' || arrived.method === 'HEAD' ? ownReply(arrived, body) : undefined
  }
}
