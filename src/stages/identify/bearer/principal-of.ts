import type { Principal } from '../../../kernel/principal.ts'
import { keySubjectPrefix } from '../api-key/known-key.ts'
import { isName } from '../certificates/is-name.ts'
import type { IssuerOptions } from '../options.ts'
import { compileClaimPath } from './claim-path.ts'
import { readConfirmation } from './confirmation.ts'
import { sealClaims } from './seal-claims.ts'

/** Prefix of a principal that is a client acting for itself. */
const clientPrefix = 'client:'

/** Makes the principal of verified claims, or says which claim is not what it must be. */
export type MakePrincipal = (claims: Record<string, unknown>, digest: string) => Principal | string

/**
 * Compiles an issuer's claim names. Claims of a wrong type are a refusal, never guessed at (RFC 7519 §4).
 *
 * A token whose subject is its own client (RFC 9068 §2.2) makes the principal `client:<id>`: whoever may choose a
 * client id must not thereby become the user of that name (RFC 9700 §4.15). Nor may a subject look like an API key's.
 */
export function compilePrincipal(issuer: IssuerOptions, kind: 'jwt' | 'opaque' = 'jwt'): MakePrincipal {
  const readSubject = compileClaimPath(issuer.subject ?? 'sub')
  const readRoles = compileClaimPath(issuer.roles ?? 'roles')
  const scopeName = issuer.scopes ?? 'scope'
  const readScopes = compileClaimPath(scopeName)
  const readClient = compileClaimPath(issuer.client ?? 'client_id')
  return (claims, digest) => {
    const subject = readSubject(claims)
    if (!isName(subject)) return 'subject'
    const client = readClient(claims) ?? claims['azp']
    if (client !== undefined && !isName(client)) return 'client'
    const roles = listOf(readRoles(claims), true)
    if (roles === undefined) return 'roles'
    // `scope` is defined as one string (RFC 8693 §4.2); what vendors call it otherwise may be a list.
    const scopes = listOf(readScopes(claims), scopeName !== 'scope')
    if (scopes === undefined) return 'scope'
    const amr =
      claims['amr'] === undefined || Array.isArray(claims['amr']) ? listOf(claims['amr'], true) : undefined
    if (amr === undefined) return 'amr'
    if (claims['jti'] !== undefined && typeof claims['jti'] !== 'string') return 'jti'
    const cnf = readConfirmation(claims)
    if (typeof cnf === 'string') return cnf
    const isClient = client === subject
    if (subject.startsWith(keySubjectPrefix) || (!isClient && subject.startsWith(clientPrefix)))
      return 'subject'
    return Object.freeze({
      issuer: issuer.name,
      sub: isClient ? clientPrefix + subject : subject,
      client,
      roles,
      scopes,
      amr,
      claims: sealClaims(claims),
      kind: cnf?.jkt === undefined ? kind : 'dpop',
      expires: typeof claims['exp'] === 'number' ? claims['exp'] : undefined,
      credential: digest.slice(0, 16),
      cnf,
    } satisfies Principal)
  }
}

/** Words of a space-separated string, or the strings of a list where lists are allowed. */
function listOf(value: unknown, listAllowed: boolean): readonly string[] | undefined {
  if (value === undefined) return none
  if (typeof value === 'string') return Object.freeze(value.split(' ').filter((word) => word !== ''))
  if (!listAllowed || !Array.isArray(value)) return undefined
  const words: string[] = []
  for (const item of value) {
    if (typeof item !== 'string') return undefined
    words.push(item)
  }
  return Object.freeze(words)
}

const none: readonly string[] = Object.freeze([])
