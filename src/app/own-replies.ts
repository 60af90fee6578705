import type { Arrived, Reply } from '../kernel/facts.ts'
import type { Assertion } from '../stages/forward/identity.ts'
import { defaultPolicy, securityFields } from '../stages/screen/reply-fields.ts'

/** Documents that the gate itself serves on every listener, by path. */
export function createOwnReplies(assertion: Assertion): (arrived: Arrived) => Reply | undefined {
  const documents = new Map([
    ['/.well-known/sallyport/jwks.json', Buffer.from(JSON.stringify(assertion.jwks))],
  ])
  return (arrived) => {
    if (!arrived.path.startsWith('/.well-known/')) return undefined
    const body = documents.get(arrived.path)
    if (body === undefined || (arrived.method !== 'GET' && arrived.method !== 'HEAD')) return undefined
    const fields = [
      'Content-Type',
      'application/json',
      'Cache-Control',
      'public, max-age=60',
      'X-Request-Id',
      arrived.id,
      ...securityFields(arrived.channel.secure),
      ...defaultPolicy,
    ]
    return { status: 200, fields, body }
  }
}
