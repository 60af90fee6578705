import { hash, timingSafeEqual } from 'node:crypto'
import { parseApiKeyText } from '../../../crypto/api-key-text.ts'
import type { Clock } from '../../../kernel/clock.ts'
import type { Principal } from '../../../kernel/principal.ts'
import type { Denial } from '../../../kernel/verdict.ts'
import type { Credential } from '../credential.ts'
import { credentialMalformed, credentialRevoked, keyExpired, keyInvalid, keysUnreadable } from '../denials.ts'
import type { KeyDirectory } from './key-directory.ts'
import type { KnownKey } from './known-key.ts'

export interface ApiKeyOptions {
  /** Lower-case name of the field. */
  readonly header: string
  readonly directory: KeyDirectory
  readonly clock: Clock
}

/**
 * API keys that the gateway issued, in one header field and nowhere else (API2:2023). Only the holder of a secret
 * learns that its key is disabled, revoked or over; everybody else gets one and the same answer.
 */
export function createApiKey({ header, directory, clock }: ApiKeyOptions): Credential {
  function judge(known: KnownKey | undefined, text: string): Principal | Denial {
    const given = hash('sha256', text, 'buffer')
    if (known === undefined) return keyInvalid('no such key')
    const now = clock.now()
    for (const { digest, until, principal } of known.secrets) {
      if (digest.length !== given.length || !timingSafeEqual(digest, given)) continue
      if (known.key.revoked !== undefined || known.key.disabled) return credentialRevoked('identify.api-key')
      if (until <= now) return keyExpired()
      directory.used(known.key.id, now)
      return principal
    }
    return keyInvalid('not the secret of the key')
  }

  return {
    read({ fields: { flat } }) {
      let text: string | undefined
      for (let i = 0; i < flat.length; i += 2) {
        if (flat[i] !== header) continue
        if (text !== undefined) return credentialMalformed('several fields with an API key')
        text = flat[i + 1]
      }
      if (text === undefined) return undefined
      const id = parseApiKeyText(text)
      if (id === undefined) return keyInvalid('not an API key')
      if (!directory.isFresh()) return keysUnreadable()
      const known = directory.find(id)
      if (!(known instanceof Promise)) return judge(known, text)
      const key = text
      return known.then(
        (later) => judge(later, key),
        () => keysUnreadable(),
      )
    },
  }
}
