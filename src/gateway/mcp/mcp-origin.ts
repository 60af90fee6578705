import type { Matched } from '../../kernel/facts.ts'
import { type Denial, deny } from '../../kernel/verdict.ts'

const loopback = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/

/**
 * Pages that may speak to an MCP server: those on the list, and its own where the name it is reached by is one that is written
 * down, or loopback. A page whose name was made to point here names itself as host and origin alike (DNS rebinding), so that
 * they are equal proves nothing.
 */
export function refuseMcpOrigin(
  { origins, named }: { readonly origins: readonly string[]; readonly named: boolean },
  { fields, channel, authority }: Pick<Matched, 'fields' | 'channel' | 'authority'>,
): Denial | undefined {
  const origin = fields.get('origin')
  if (origin === undefined || (origin !== 'null' && origins.includes(origin))) return undefined
  const own = `${channel.secure ? 'https' : 'http'}://${authority}`
  if (origin === own && (named || loopback.test(authority))) return undefined
  return deny('AUTHORIZE_ORIGIN', 'match.origin', 'origin is not on the list')
}
