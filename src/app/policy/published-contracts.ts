import { publishContract } from '../../contract/publish-contract.ts'
import { sealedPattern } from '../../crypto/id-sealer.ts'
import type { Policy } from './policy.ts'

/** The contracts of APIs with sealed ids as callers meet them, by path. */
export function publishedContracts(policy: Policy): ReadonlyMap<string, Uint8Array> {
  const documents = new Map<string, Uint8Array>()
  for (const sealed of policy.sealed) {
    const api = policy.apis.find((one) => one.config.name === sealed.name)
    if (api === undefined) continue
    const { document, operations } = api.contract
    const types = new Set(sealed.rules.map((rule) => rule.type))
    const contract = publishContract(document, operations, sealed.ids, types, sealedPattern)
    documents.set(`/.well-known/sallyport/contract/${sealed.name}`, Buffer.from(JSON.stringify(contract)))
  }
  return documents
}
