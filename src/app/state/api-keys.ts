import { createApiKeyText } from '../../crypto/api-key-text.ts'
import { digestOf } from '../../crypto/digest.ts'
import type { ApiKey, ApiKeyStore } from '../../kernel/api-key.ts'

/** What somebody asks of a new key. */
export interface ApiKeyRequest {
  readonly name: string
  readonly owner: string
  readonly scopes: readonly string[]
  readonly roles: readonly string[]
  /** Milliseconds since the epoch; undefined: no end. */
  readonly expires: number | undefined
}

/** A key and, this once, its text: nobody can read it again. */
export interface IssuedApiKey {
  readonly key: ApiKey
  readonly text: string
}

const word = /^[\x21\x23-\x5b\x5d-\x7e]{1,128}$/
const label = /^[^\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]{1,128}$/

/** What is wrong with a request; undefined where nothing is. */
export function flawOf(request: ApiKeyRequest): string | undefined {
  if (!label.test(request.name)) return 'a name has 1 to 128 printable characters'
  if (!label.test(request.owner)) return 'an owner has 1 to 128 printable characters'
  // RFC 6749 §3.3.
  if (!request.scopes.every((scope) => word.test(scope))) return 'a scope is a word without spaces and quotes'
  if (!request.roles.every((role) => word.test(role))) return 'a role is a word without spaces and quotes'
  return undefined
}

/** Makes a key. Rejects where the store does. */
export async function issueApiKey(
  store: ApiKeyStore,
  request: ApiKeyRequest,
  now: number,
): Promise<IssuedApiKey> {
  const { id, text } = createApiKeyText()
  const secrets = [{ digest: digestOf(text), until: undefined }]
  return { key: await store.create({ ...request, id, secrets, created: now }), text }
}

/**
 * Gives a key a new secret; the one before works for `overlapMs` longer, older ones end now. Undefined where there is
 * no such key, or it is revoked.
 */
export async function rotateApiKey(
  store: ApiKeyStore,
  id: string,
  overlapMs: number,
  now: number,
): Promise<IssuedApiKey | undefined> {
  const { text } = createApiKeyText(id)
  const fresh = { digest: digestOf(text), until: undefined }
  const key = await store.update(id, ({ secrets: [current] }) => ({
    secrets:
      current === undefined || overlapMs <= 0 ? [fresh] : [fresh, { ...current, until: now + overlapMs }],
  }))
  return key?.secrets[0]?.digest === fresh.digest ? { key, text } : undefined
}
