import type { Matched } from '../../../kernel/facts.ts'
import type { Denial } from '../../../kernel/verdict.ts'
import { credentialMalformed, credentialRequired, tokenInvalid } from '../denials.ts'
import type { PresentedToken } from './presented-token.ts'

/** Longest token that is looked at; longer ones are refused before any hashing or parsing. */
export const maxTokenLength = 8192

const space = 0x20

/**
 * The token of `Authorization: Bearer …` (RFC 6750 §2.1) or, where it counts, `DPoP …` (RFC 9449 §7.1): the scheme in
 * any case, then spaces, then the token. Undefined where the request has no Authorization field. `?access_token=` is
 * never a credential; beside the field it makes two, which is refused, as is a second field.
 */
export function bearerToken(
  request: Pick<Matched, 'fields' | 'pairs'>,
  dpop: boolean,
): PresentedToken | Denial | undefined {
  const flat = request.fields.flat
  let field: string | undefined
  for (let i = 0; i < flat.length; i += 2) {
    if (flat[i] !== 'authorization') continue
    if (field !== undefined) return credentialMalformed('several Authorization fields')
    field = flat[i + 1]
  }
  if (field === undefined) return undefined
  for (const pair of request.pairs)
    if (pair.name === 'access_token') return credentialMalformed('a token in the field and one in the query')
  return tokenOf(field, dpop)
}

function tokenOf(field: string, dpop: boolean): PresentedToken | Denial {
  const end = field.indexOf(' ')
  const scheme = end < 0 ? field : field.slice(0, end)
  const name = scheme === 'Bearer' ? 'bearer' : scheme.toLowerCase()
  if (name !== 'bearer' && (name !== 'dpop' || !dpop)) {
    // `Bearer,x` names no scheme at all; `Basic …` names one that proves nothing here.
    return /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(scheme)
      ? credentialRequired('an authentication scheme that does not count here')
      : credentialMalformed('Authorization does not begin with a scheme')
  }
  let from = scheme.length
  while (field.charCodeAt(from) === space) from++
  const length = field.length - from
  if (length === 0) return credentialMalformed('a scheme without a token')
  if (length > maxTokenLength) return tokenInvalid('longer than any token may be')
  return { scheme: name, token: field.slice(from) }
}
