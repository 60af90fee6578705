import { type Denial, deny } from '../../kernel/verdict.ts'

// RFC 6750 §3: no error code where no credential was sent; the same answer for every flaw of a token.
const plain = ['www-authenticate', 'Bearer'] as const
const invalid = ['www-authenticate', 'Bearer error="invalid_token"'] as const
const malformedRequest = ['www-authenticate', 'Bearer error="invalid_request"'] as const

/** 401, no credential (or none of a kind that counts here). */
export function credentialRequired(reason: string): Denial {
  return deny('IDENTIFY_REQUIRED', 'identify.credential', reason, { fields: plain })
}

/** 400, credentials that cannot be read, or in two places. */
export function credentialMalformed(reason: string): Denial {
  return deny('IDENTIFY_MALFORMED', 'identify.credential', reason, { fields: malformedRequest })
}

/** 401; the reason is for the record only. */
export function tokenInvalid(reason: string): Denial {
  return deny('IDENTIFY_TOKEN_INVALID', 'identify.jwt', reason, { fields: invalid })
}

/** 401, a token that was good once. */
export function tokenExpired(): Denial {
  return deny('IDENTIFY_TOKEN_EXPIRED', 'identify.jwt', 'exp has passed', { fields: invalid })
}

/** 503, no key to judge with: never open. */
export function keysUnavailable(): Denial {
  return deny('IDENTIFY_KEYS_UNAVAILABLE', 'identify.keys', 'no usable key of the issuer at hand', {
    fields: ['retry-after', '5'],
  })
}
