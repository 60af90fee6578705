import type { JWK } from 'jose'
import { type AdapterFactory, type Configuration, errors, type KoaContextWithOIDC } from 'oidc-provider'
import type { Accounts } from './accounts/accounts.ts'
import { acr } from './acr.ts'
import { currentCall } from './call.ts'
import { isSubjectOf } from './certificate-subject.ts'
import { extensionIn } from './client-registration.ts'
import type { Consents } from './consents.ts'
import { mountOf, routes } from './endpoints.ts'
import type { ExtraClaims } from './extra-claims.ts'
import type { Families } from './families.ts'
import { createInteractionPolicy } from './interaction-policy.ts'
import type { AuthorityOptions, Lifetimes } from './options.ts'
import type { ProtocolPages } from './protocol-pages.ts'
import { openidScopes, type Resources } from './resources.ts'

/** What the configuration of the protocol server is made of. */
export interface ProviderParts {
  readonly options: AuthorityOptions
  readonly lifetimes: Lifetimes
  readonly adapter: AdapterFactory
  readonly keys: readonly JWK[]
  readonly accounts: Pick<Accounts, 'find'>
  readonly consents: Consents
  readonly families: Families
  readonly resources: Resources
  readonly extra: ExtraClaims
  readonly pages: ProtocolPages
}

const maxAssertionSeconds = 300

/** OAuth 2.1 and OpenID Connect as this server speaks them. Every default that matters is written down here. */
export function providerConfig(parts: ProviderParts): Configuration {
  const { options, lifetimes, resources, extra, pages, families, consents } = parts
  const secure = options.issuer.startsWith('https:')
  const mount = mountOf(options.issuer)
  const now = (): number => Math.floor(options.clock.now() / 1000)
  return {
    adapter: parts.adapter,
    jwks: { keys: [...parts.keys] } as NonNullable<Configuration['jwks']>,
    routes: { ...routes },
    scopes: [...openidScopes],
    claims: {
      openid: ['sub'],
      profile: ['name'],
      email: ['email', 'email_verified'],
      acr: null,
      amr: null,
      auth_time: null,
      sid: null,
      iss: null,
    },
    acrValues: [acr.single, acr.multi],
    responseTypes: ['code'],
    subjectTypes: ['public'],
    clientAuthMethods: [
      'client_secret_basic',
      'client_secret_post',
      'private_key_jwt',
      'none',
      'tls_client_auth',
      'self_signed_tls_client_auth',
    ],
    clientDefaults: {
      grant_types: ['authorization_code'],
      response_types: ['code'],
      token_endpoint_auth_method: 'client_secret_basic',
      id_token_signed_response_alg: 'ES256',
    },
    extraClientMetadata: { properties: ['sallyport'] },
    clockTolerance: 10,
    pkce: { required: (_ctx, client) => extensionIn(client).profile !== 'oidc-basic-conformance' },
    allowOmittingSingleRegisteredRedirectUri: false,
    acceptQueryParamAccessTokens: false,
    conformIdTokenClaims: true,
    enabledJWA: {
      clientAuthSigningAlgValues: ['ES256', 'PS256', 'Ed25519', 'EdDSA', 'RS256'],
      idTokenSigningAlgValues: ['ES256', 'RS256'],
      dPoPSigningAlgValues: ['ES256', 'PS256', 'Ed25519', 'EdDSA'],
    } as NonNullable<Configuration['enabledJWA']>,
    cookies: {
      // The two short ones have paths of their own, which `__Host-` would forbid.
      names: secure
        ? {
            session: '__Host-sallyport',
            interaction: '__Secure-sallyport-step',
            resume: '__Secure-sallyport-resume',
          }
        : { session: 'sallyport', interaction: 'sallyport-step', resume: 'sallyport-resume' },
      long: { httpOnly: true, sameSite: 'lax', secure, signed: true, path: '/' },
      short: { httpOnly: true, sameSite: 'lax', secure, signed: true },
      keys: [options.sealer.derive('cookie signature').toString('base64url')],
    },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      introspection: {
        enabled: true,
        allowedPolicy: (ctx, client, token) => mayIntrospect(ctx, client, token),
      },
      revocation: {
        enabled: true,
        allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId,
      },
      userinfo: { enabled: true },
      claimsParameter: { enabled: true },
      backchannelLogout: { enabled: true },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: pages.logout,
        postLogoutSuccessSource: pages.loggedOut,
      },
      deviceFlow: {
        enabled: true,
        charset: 'base-20',
        mask: '****-****',
        deviceInfo: (ctx) => deviceOf(ctx),
        userCodeInputSource: pages.deviceInput,
        userCodeConfirmSource: pages.deviceConfirm,
        successSource: pages.deviceDone,
      },
      pushedAuthorizationRequests: { enabled: true, requirePushedAuthorizationRequests: false },
      dPoP: {
        enabled: true,
        nonceSecret: options.sealer.derive('dpop nonce'),
        requireNonce: (ctx) => (options.dpopNonceRequired ?? true) && ctx.oidc.route !== 'userinfo',
        allowReplay: false,
      },
      mTLS: {
        enabled: true,
        certificateBoundAccessTokens: true,
        selfSignedTlsClientAuth: true,
        tlsClientAuth: true,
        getCertificate: () => extra.certificate(),
        // The listener lets no certificate through that it has not verified.
        certificateAuthorized: () => extra.certificate() !== undefined,
        certificateSubjectMatches: (_ctx, property, expected) => {
          const certificate = extra.certificate()
          return certificate !== undefined && isSubjectOf(certificate, property, expected)
        },
      },
      fapi: {
        enabled: true,
        profile: (_ctx, client) => (extensionIn(client).profile === 'fapi-2.0' ? '2.0' : undefined),
      },
      resourceIndicators: {
        enabled: true,
        defaultResource: (_ctx, _client, oneOf) => resources.defaultOf(oneOf) as string,
        useGrantedResource: (_ctx, model) => resources.isForApi(model.scopes),
        getResourceServerInfo: (ctx, identifier, client) => resources.serverOf(ctx, identifier, client),
      },
      requestObjects: { enabled: false },
      registration: { enabled: false },
    } as NonNullable<Configuration['features']>,
    findAccount: async (_ctx, sub) => {
      const account = await parts.accounts.find(sub)
      if (account === undefined || account.disabled) return undefined
      return {
        accountId: sub,
        claims: () => ({
          sub,
          email: account.email,
          email_verified: account.emailVerified,
          ...(account.name !== undefined && { name: account.name }),
        }),
      }
    },
    extraTokenClaims: (ctx, token) => extra.of(ctx, token),
    formats: {
      bitsOfOpaqueRandomness: 256,
      customizers: {
        jwt: async (_ctx, token, jwt) => {
          const { grantId, accountId, clientId } = token as {
            grantId?: string
            accountId?: string
            clientId?: string
          }
          const { jti, exp } = jwt.payload
          if (grantId === undefined || typeof jti !== 'string' || typeof exp !== 'number') return
          await families.issued({ jti, grantId, account: accountId, client: clientId, expires: exp })
        },
      },
    },
    // The operator gives a client the grant; where it asked for `offline_access` the tokens outlive the session.
    issueRefreshToken: (_ctx, client) => client.grantTypeAllowed('refresh_token'),
    expiresWithSession: (_ctx, source) =>
      source.kind !== 'DeviceCode' && !source.scopes.has('offline_access'),
    rotateRefreshToken: true,
    loadExistingGrant: (ctx) => loadGrant(ctx, consents),
    revokeGrantPolicy: (ctx) =>
      !(ctx.oidc.route === 'revocation' && ctx.oidc.entities.AccessToken !== undefined),
    assertJwtClientAuthClaimsAndHeader: (_ctx, claims) => {
      // rfc7523bis: one string, the issuer; a list could be meant for others too.
      if (claims['aud'] !== options.issuer)
        throw new errors.InvalidClientAuth('the audience must be the issuer alone')
      if (typeof claims['exp'] !== 'number' || claims['exp'] > now() + maxAssertionSeconds)
        throw new errors.InvalidClientAuth('a client assertion lives five minutes at most')
      if (claims['sub'] !== claims['iss']) throw new errors.InvalidClientAuth('sub must be iss')
    },
    interactions: {
      policy: createInteractionPolicy(),
      url: (_ctx, interaction) => `${mount}/interaction/${interaction.uid}`,
    },
    renderError: pages.renderError,
    ttl: {
      AccessToken: lifetimes.accessToken,
      ClientCredentials: lifetimes.accessToken,
      AuthorizationCode: lifetimes.code,
      DeviceCode: lifetimes.deviceCode,
      IdToken: lifetimes.idToken,
      Interaction: lifetimes.interaction,
      Grant: lifetimes.grant,
      RefreshToken: lifetimes.refreshIdle,
      Session: (_ctx, session) => {
        const left =
          session.loginTs === undefined ? lifetimes.session : session.loginTs + lifetimes.session - now()
        return Math.max(1, Math.min(lifetimes.sessionIdle, left))
      },
    },
    fetch: (url, init) => {
      if (options.fetch === undefined) throw new Error('the server has no client for calls of its own')
      return options.fetch(String(url), init ?? {})
    },
    fetchResponseBodyLimits: { jwks_uri: 65_536, sector_identifier_uri: 65_536 },
  } as Configuration
}

/** Opaque tokens: their client, or an API that is their audience, may ask. */
function mayIntrospect(_ctx: KoaContextWithOIDC, client: object, token: object): boolean {
  const { clientId, clientAuthMethod } = client as { clientId: string; clientAuthMethod?: string }
  const of = token as { clientId?: string; aud?: string }
  if (of.clientId === clientId) return true
  return clientAuthMethod !== 'none' && of.aud !== undefined && extensionIn(client).audiences.includes(of.aud)
}

function deviceOf(ctx: KoaContextWithOIDC): Record<string, string> {
  return { address: currentCall()?.caller.address ?? '', userAgent: ctx.get('user-agent').slice(0, 256) }
}

/** The grant of the session; else a new one with what the user granted a verified client before. */
async function loadGrant(ctx: KoaContextWithOIDC, consents: Consents) {
  const { client, session, account, provider } = ctx.oidc
  if (client === undefined || account === undefined) return undefined
  const made = ctx.oidc.result?.consent?.grantId
  const id = typeof made === 'string' ? made : session?.grantIdFor(client.clientId)
  const found = id === undefined ? undefined : await provider.Grant.find(id)
  if (found !== undefined && found.accountId === account.accountId) return found
  if (made !== undefined || !extensionIn(client).verified) return undefined
  const consent = await consents.find(account.accountId, client.clientId)
  if (consent === undefined) return undefined
  const grant = new provider.Grant({ accountId: account.accountId, clientId: client.clientId })
  if (consent.openid.length > 0) grant.addOIDCScope(consent.openid.join(' '))
  if (consent.claims.length > 0) grant.addOIDCClaims([...consent.claims])
  for (const [resource, scopes] of consent.resources) grant.addResourceScope(resource, scopes.join(' '))
  await grant.save()
  return grant
}
