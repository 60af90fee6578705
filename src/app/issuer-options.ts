import type { IssuerConfig, KeyConfig, TokenConfig } from '../config/types/identity-config.ts'
import type { IntrospectionOptions, IssuerOptions, KeyOptions } from '../stages/identify/options.ts'
import { ownKeysUrl } from './own-key-source.ts'

/** One issuer as identify takes it. */
export function issuerOptionsOf(config: IssuerConfig): IssuerOptions {
  return {
    name: config.name,
    issuer: config.issuer,
    audience: config.audience,
    algorithms: config.algorithms,
    keys: keyOptionsOf(config.keys, config.issuer),
    introspection: introspectionOf(config.tokens),
    types: config.types,
    subject: config.subject,
    roles: config.roles,
    scopes: config.scopes,
    client: config.client,
    dpop: config.dpop,
    dpopNonce: config.dpopNonce,
    clockToleranceSeconds: config.clockTolerance / 1000,
    keysFreshMs: config.keysFresh,
    keysStaleMs: config.keysStale,
  }
}

function keyOptionsOf(keys: KeyConfig, issuer: string): KeyOptions {
  // Answered from memory, see `own-key-source.ts`.
  if (keys.kind === 'authority') return { kind: 'jwks-url', url: ownKeysUrl(issuer) }
  return keys.kind === 'secret' ? { kind: 'secret', secret: keys.secret.reveal() } : keys
}

function introspectionOf(tokens: TokenConfig): IntrospectionOptions | undefined {
  if (tokens.kind === 'jwt') return undefined
  return { url: tokens.url, clientId: tokens.clientId, clientSecret: tokens.clientSecret.reveal() }
}
