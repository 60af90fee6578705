import type { ClientMetadata } from 'oidc-provider'
import { isRedirectUri, whyNotRedirectUri } from './redirect-uri.ts'

/** What only this server knows of a client; kept beside the standard metadata. */
export interface ClientExtension {
  /** A client of one's own house: consent is remembered, and pages do not warn. */
  readonly verified: boolean
  /** API scopes it may ask for. */
  readonly scopes: readonly string[]
  /** Roles in the tokens it gets for itself (client credentials). */
  readonly roles: readonly string[]
  /**
   * `fapi-2.0` makes it a client of the FAPI 2.0 Security Profile. `oidc-basic-conformance` lets it ask without PKCE: an
   * open door for the certification suite alone.
   */
  readonly profile: 'default' | 'fapi-2.0' | 'oidc-basic-conformance'
  /** Token exchange (RFC 8693): audiences it may ask tokens for beside those of the token it brings. */
  readonly exchangeTargets: readonly string[]
  /** Audiences that it is, where the client is an API: it may introspect and exchange tokens for them. */
  readonly audiences: readonly string[]
  /** Clients that may act for the user with this client's tokens (`may_act`). */
  readonly mayAct: readonly string[]
}

/** A client as an operator registers it. */
export interface ClientRegistration extends Partial<ClientExtension> {
  readonly name?: string
  readonly redirectUris?: readonly string[]
  readonly postLogoutRedirectUris?: readonly string[]
  /** Redirect URIs may name `http://localhost`: for the gateway's own pages alone. */
  readonly localhost?: boolean
  /** Default: `authorization_code` and `refresh_token` with redirect URIs, else `client_credentials`. */
  readonly grants?: readonly Grant[]
  /** `none` for clients that can keep no secret. Default `client_secret_basic`. */
  readonly authentication?: Authentication
  /** Public keys, for `private_key_jwt` and `self_signed_tls_client_auth`. */
  readonly jwks?: { readonly keys: readonly Record<string, unknown>[] }
  readonly jwksUri?: string
  /** For `tls_client_auth`: exactly one of them. */
  readonly certificate?: {
    readonly subject?: string
    readonly dns?: string
    readonly uri?: string
    readonly ip?: string
  }
  readonly dpopBound?: boolean
  readonly certificateBound?: boolean
  readonly requirePar?: boolean
  readonly idTokenAlgorithm?: 'ES256' | 'RS256'
  readonly backchannelLogoutUri?: string
  readonly logoUri?: string
  readonly policyUri?: string
  readonly tosUri?: string
}

export const grants = {
  code: 'authorization_code',
  refresh: 'refresh_token',
  client: 'client_credentials',
  device: 'urn:ietf:params:oauth:grant-type:device_code',
  exchange: 'urn:ietf:params:oauth:grant-type:token-exchange',
} as const

export type Grant = keyof typeof grants

const authentications = [
  'client_secret_basic',
  'client_secret_post',
  'private_key_jwt',
  'tls_client_auth',
  'self_signed_tls_client_auth',
  'none',
] as const

export type Authentication = (typeof authentications)[number]

/** What is wrong with a registration, one sentence each; empty where it can be used. */
export function checkRegistration(registration: ClientRegistration): readonly string[] {
  const wrong: string[] = []
  const {
    redirectUris = [],
    postLogoutRedirectUris = [],
    authentication = 'client_secret_basic',
  } = registration
  const grantTypes = grantsOf(registration)
  for (const uri of [...redirectUris, ...postLogoutRedirectUris])
    if (!isRedirectUri(uri, registration.localhost))
      wrong.push(
        `redirect URI ${JSON.stringify(uri.slice(0, 200))}: ${whyNotRedirectUri(uri, registration.localhost)}`,
      )
  if (grantTypes.includes('code') && redirectUris.length === 0)
    wrong.push('the grant `code` needs a redirect URI')
  if (!grantTypes.includes('code') && redirectUris.length > 0)
    wrong.push('redirect URIs are for the grant `code` alone')
  if (grantTypes.includes('refresh') && !grantTypes.includes('code') && !grantTypes.includes('device'))
    wrong.push('the grant `refresh` needs `code` or `device`')
  if (authentication === 'none')
    for (const grant of ['client', 'exchange'] as const)
      if (grantTypes.includes(grant)) wrong.push(`the grant \`${grant}\` needs a client that authenticates`)
  const keyed = authentication === 'private_key_jwt' || authentication === 'self_signed_tls_client_auth'
  if (keyed && registration.jwks === undefined && registration.jwksUri === undefined)
    wrong.push(`${authentication} needs the client's public keys`)
  for (const key of registration.jwks?.keys ?? [])
    if ('d' in key || 'k' in key || 'p' in key)
      wrong.push('a registered key holds a private member: register the public key')
  if (authentication === 'tls_client_auth' && Object.keys(registration.certificate ?? {}).length !== 1)
    wrong.push('tls_client_auth needs exactly one subject of the certificate')
  for (const uri of ['jwksUri', 'backchannelLogoutUri', 'logoUri', 'policyUri', 'tosUri'] as const) {
    const url = registration[uri]
    if (url !== undefined && URL.parse(url)?.protocol !== 'https:') wrong.push(`${uri} must be an https URL`)
  }
  if (registration.dpopBound === true && registration.certificateBound === true)
    wrong.push('a token is bound to a DPoP key or to a certificate, not to both')
  if (registration.profile === 'fapi-2.0') {
    if (!['private_key_jwt', 'tls_client_auth', 'self_signed_tls_client_auth'].includes(authentication))
      wrong.push('fapi-2.0 needs private_key_jwt or mutual TLS')
    if (registration.dpopBound !== true && registration.certificateBound !== true)
      wrong.push('fapi-2.0 needs tokens bound to a DPoP key or to a certificate')
  }
  return wrong
}

/** The metadata as the protocol server reads it. `secretDigest` stands where it expects the secret. */
export function providerMetadata(
  id: string,
  registration: ClientRegistration,
  secretDigest: string | undefined,
): ClientMetadata {
  const {
    redirectUris = [],
    postLogoutRedirectUris = [],
    authentication = 'client_secret_basic',
  } = registration
  const grantTypes = grantsOf(registration)
  const { certificate } = registration
  const optional: Record<string, unknown> = {
    client_name: registration.name,
    client_secret: secretDigest,
    jwks: registration.jwks,
    jwks_uri: registration.jwksUri,
    logo_uri: registration.logoUri,
    policy_uri: registration.policyUri,
    tos_uri: registration.tosUri,
    backchannel_logout_uri: registration.backchannelLogoutUri,
    backchannel_logout_session_required: registration.backchannelLogoutUri === undefined ? undefined : true,
    tls_client_auth_subject_dn: certificate?.subject,
    tls_client_auth_san_dns: certificate?.dns,
    tls_client_auth_san_uri: certificate?.uri,
    tls_client_auth_san_ip: certificate?.ip,
    dpop_bound_access_tokens: registration.dpopBound,
    tls_client_certificate_bound_access_tokens: registration.certificateBound,
    require_pushed_authorization_requests:
      registration.requirePar === true || registration.profile === 'fapi-2.0' ? true : undefined,
  }
  return {
    client_id: id,
    application_type: redirectUris.some((uri) => !uri.startsWith('https:')) ? 'native' : 'web',
    redirect_uris: [...redirectUris],
    post_logout_redirect_uris: [...postLogoutRedirectUris],
    response_types: grantTypes.includes('code') ? ['code'] : [],
    grant_types: grantTypes.map((grant) => grants[grant]),
    token_endpoint_auth_method: authentication,
    id_token_signed_response_alg:
      registration.idTokenAlgorithm ??
      // OpenID Connect Registration section 2: the default that its suite wants to see.
      (registration.profile === 'oidc-basic-conformance' ? 'RS256' : 'ES256'),
    ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)),
    sallyport: extensionOf(registration),
  }
}

/** Whether the client has a secret of its own. */
export function usesSecret(registration: ClientRegistration): boolean {
  return (registration.authentication ?? 'client_secret_basic').startsWith('client_secret_')
}

function extensionOf(registration: ClientRegistration): ClientExtension {
  return {
    verified: registration.verified ?? false,
    scopes: registration.scopes ?? [],
    roles: registration.roles ?? [],
    profile: registration.profile ?? 'default',
    exchangeTargets: registration.exchangeTargets ?? [],
    audiences: registration.audiences ?? [],
    mayAct: registration.mayAct ?? [],
  }
}

function grantsOf(registration: ClientRegistration): readonly Grant[] {
  return (
    registration.grants ?? ((registration.redirectUris ?? []).length > 0 ? ['code', 'refresh'] : ['client'])
  )
}

const none: ClientExtension = extensionOf({})

/** The extension of a client as the protocol server holds it. */
export function extensionIn(client: object | undefined): ClientExtension {
  const extension = client === undefined ? undefined : (client as { sallyport?: ClientExtension }).sallyport
  return extension ?? none
}
