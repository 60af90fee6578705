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
  const documents = new Map<string, Uint8Array>([
    ['/.well-known/sallyport/jwks.json', Buffer.from(JSON.stringify(assertion.jwks))],
    ...contracts,
  ])
  return (arrived) => {
    if (!arrived.path.startsWith('/.well-known/')) return undefined
    const body = documents.get(arrived.path)
    if (body === undefined) return metadata.reply(arrived)
    return arrived.method === 'GET' || arrived.method === 'HEAD' ? ownReply(arrived, body) : undefined
  }
}
