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

/** 401, the proof that goes with a bound token (RFC 9449 §7.1). */
export function proofInvalid(reason: string): Denial {
  return deny('IDENTIFY_PROOF_INVALID', 'identify.dpop', reason)
}

/** 401 with the nonce that the next proof must hold (RFC 9449 §9). */
export function nonceRequired(nonce: string): Denial {
  return deny('IDENTIFY_NONCE_REQUIRED', 'identify.dpop', 'no nonce of this server, or an old one', {
    fields: ['dpop-nonce', nonce],
  })
}

/** 503, nothing can tell whether a proof was used before: never open. */
export function replaysUnavailable(): Denial {
  return deny('IDENTIFY_KEYS_UNAVAILABLE', 'identify.dpop', 'the replay store has no room', {
    fields: ['retry-after', '5'],
  })
}

/** 401, a client certificate that was verified but makes no principal. */
export function certificateInvalid(reason: string): Denial {
  return deny('IDENTIFY_TOKEN_INVALID', 'identify.certificate', reason, { fields: plain })
}

/** 421, a certificate shown to one host does not count at another (RFC 9110 §7.4). */
export function certificateMisdirected(): Denial {
  return deny('MATCH_HOST', 'identify.certificate', 'the host is not the one of the TLS handshake')
}

/** 401, the caller must authenticate again, later or stronger (RFC 9470 §3). */
export function stepUpRequired(reason: string): Denial {
  return deny('IDENTIFY_STEP_UP', 'identify.step-up', reason)
}

/** 401, an API key that is none, or not one of ours: the same answer for both. */
export function keyInvalid(reason: string): Denial {
  return deny('IDENTIFY_TOKEN_INVALID', 'identify.api-key', reason, { fields: invalid })
}

/** 401, an API key, or a secret that was rotated out, whose time is over. */
export function keyExpired(): Denial {
  return deny('IDENTIFY_TOKEN_EXPIRED', 'identify.api-key', 'the key or its old secret has ended', {
    fields: invalid,
  })
}

/** 503, API keys cannot be looked up, or not be known to stand still: never open. */
export function keysUnreadable(): Denial {
  return deny('IDENTIFY_KEYS_UNAVAILABLE', 'identify.api-key', 'the API keys cannot be read', {
    fields: ['retry-after', '5'],
  })
}

/** 401, a credential that was good until it was taken back. */
export function credentialRevoked(check = 'identify.revocation'): Denial {
  return deny('IDENTIFY_TOKEN_REVOKED', check, 'revoked', { fields: invalid })
}

/** 503, nobody knows what was revoked since: never open. */
export function revocationsUnavailable(): Denial {
  return deny('IDENTIFY_KEYS_UNAVAILABLE', 'identify.revocation', 'the revocations cannot be read', {
    fields: ['retry-after', '5'],
  })
}

/** 401, an opaque token that its issuer does not vouch for; the reason is for the record only. */
export function opaqueInvalid(reason: string): Denial {
  return deny('IDENTIFY_TOKEN_INVALID', 'identify.introspection', reason, { fields: invalid })
}

/** 401, an opaque token that was good once. */
export function opaqueExpired(): Denial {
  return deny('IDENTIFY_TOKEN_EXPIRED', 'identify.introspection', 'exp has passed', { fields: invalid })
}

/** 503, the issuer did not say whether the token is good: never open. */
export function introspectionUnavailable(reason: string): Denial {
  return deny('IDENTIFY_KEYS_UNAVAILABLE', 'identify.introspection', reason, {
    fields: ['retry-after', '5'],
  })
}
