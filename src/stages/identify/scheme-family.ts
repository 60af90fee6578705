import type { SecurityScheme } from '../../kernel/operation.ts'

/** Where a credential is in a request: Authorization field, key field, TLS connection. */
export type CredentialFamily = 'token' | 'keys' | 'certificates'

/** What kind of credential a scheme of the contract asks for; undefined where there is none of that kind here. */
export function familyOf(scheme: SecurityScheme): CredentialFamily | undefined {
  switch (scheme.type) {
    case 'http': {
      const name = scheme.scheme.toLowerCase()
      return name === 'bearer' || name === 'dpop' ? 'token' : undefined
    }
    case 'oauth2':
    case 'openIdConnect':
      return 'token'
    case 'apiKey':
      return 'keys'
    case 'mutualTLS':
      return 'certificates'
  }
}

/** Whether a source of callers gives credentials of this kind: issuers give tokens. */
export function isSourceOf(family: CredentialFamily, source: string): boolean {
  if (family !== 'token') return source === family
  return source !== 'keys' && source !== 'certificates'
}
