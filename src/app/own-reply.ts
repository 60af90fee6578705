import type { Arrived, Reply } from '../kernel/facts.ts'
import { defaultPolicy, securityFields } from '../stages/screen/reply-fields.ts'

/** A public JSON document that the gate itself serves. */
export function ownReply(arrived: Arrived, body: Uint8Array): Reply {
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
