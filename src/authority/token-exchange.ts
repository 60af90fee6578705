import type Provider from 'oidc-provider'
import { errors, type KoaContextWithOIDC } from 'oidc-provider'
import { extensionIn, grants } from './client-registration.ts'
import type { ExtraClaims } from './extra-claims.ts'
import type { OwnToken, OwnTokens } from './own-tokens.ts'
import type { Resources } from './resources.ts'

const accessTokenType = 'urn:ietf:params:oauth:token-type:access_token'
const jwtType = 'urn:ietf:params:oauth:token-type:jwt'
const parameters = [
  'subject_token',
  'subject_token_type',
  'actor_token',
  'actor_token_type',
  'requested_token_type',
  'resource',
  'audience',
  'scope',
]

/** Actors one behind another: a longer chain is a loop, or an attempt to make tokens grow. */
const deepest = 4

export interface ExchangeOptions {
  readonly tokens: OwnTokens
  readonly resources: Resources
  /** Seconds a token lives at most. */
  readonly tokenSeconds: number
  readonly now: () => number
  /** Whether a subject may still be acted for: not a disabled account. */
  readonly isAlive: (token: OwnToken) => Promise<boolean>
  /** Claims of the token that is being made. */
  readonly extra: ExtraClaims
}

/**
 * Token exchange (RFC 8693) for confidential clients that were given the grant. What comes out is never more than what
 * went in: scopes and lifetime only narrow, the audience is the token's or one that the operator allowed the client,
 * the chain of actors is kept, and `may_act` is heeded.
 */
export function registerTokenExchange(provider: Provider, options: ExchangeOptions): void {
  provider.registerGrantType(grants.exchange, (ctx) => exchange(provider, options, ctx), parameters, [])
}

async function exchange(
  provider: Provider,
  options: ExchangeOptions,
  ctx: KoaContextWithOIDC,
): Promise<void> {
  const { client } = ctx.oidc
  if (client === undefined) throw new errors.InvalidClient('client is required')
  if (client.clientAuthMethod === 'none')
    throw new errors.UnauthorizedClient('token exchange is not for public clients')
  const extension = extensionIn(client)
  const params = readParams(ctx)
  refuseProof(ctx, client)

  const subject = await readToken(options, params, 'subject')
  const mine = subject.client === client.clientId || extension.audiences.includes(subject.audience)
  if (!mine || !(await options.isAlive(subject)))
    throw new errors.InvalidRequest('subject_token is not acceptable')
  const actor = params.has('actor_token') ? await readToken(options, params, 'actor') : undefined
  if (actor !== undefined && actor.client !== client.clientId)
    throw new errors.InvalidRequest('actor_token is not acceptable')

  const audience = targetOf(params, subject, extension.exchangeTargets, options.resources)
  const scopes = scopesOf(ctx, provider, options, params, subject, audience)
  const act = chainOf(subject, client.clientId, actor)

  const token = new provider.AccessToken({
    client,
    accountId: subject.sub,
    gty: 'token_exchange',
    // Not more than what was brought: an exchange must not make a token live on.
    expiresIn: Math.min(options.tokenSeconds, subject.expires - Math.floor(options.now() / 1000)),
  } as unknown as ConstructorParameters<typeof provider.AccessToken>[0])
  token.resourceServer = new provider.ResourceServer(
    audience,
    options.resources.serverOf(ctx, audience, client),
  )
  token.scope = scopes.join(' ')
  if (client.tlsClientCertificateBoundAccessTokens === true) {
    const certificate = options.extra.certificate()
    if (certificate === undefined) throw new errors.InvalidGrant('mutual TLS client certificate not provided')
    token.setThumbprint('x5t', certificate)
  }
  options.extra.set(token, { act, subject })
  ctx.oidc.entity('AccessToken', token)
  const value = await token.save()
  ctx.body = {
    access_token: value,
    issued_token_type: accessTokenType,
    token_type: token.tokenType,
    expires_in: token.expiration,
    ...(scopes.length > 0 && { scope: scopes.join(' ') }),
  }
}

function readParams(ctx: KoaContextWithOIDC): ReadonlyMap<string, string> {
  const params = new Map<string, string>()
  for (const [name, value] of Object.entries(ctx.oidc.params ?? {}))
    if (typeof value === 'string' && value !== '') params.set(name, value)
  for (const name of ['subject_token', 'subject_token_type'])
    if (!params.has(name)) throw new errors.InvalidRequest(`missing required parameter '${name}'`)
  if (params.has('actor_token') !== params.has('actor_token_type'))
    throw new errors.InvalidRequest('actor_token and actor_token_type go together')
  const wanted = params.get('requested_token_type')
  if (wanted !== undefined && wanted !== accessTokenType && wanted !== jwtType)
    throw new errors.InvalidRequest('requested_token_type is not supported')
  return params
}

/** A proof of possession cannot be tied to an exchanged token here, so it is refused rather than dropped. */
function refuseProof(ctx: KoaContextWithOIDC, client: object): void {
  const bound = (client as { dpopBoundAccessTokens?: boolean }).dpopBoundAccessTokens === true
  if (bound || ctx.get('dpop') !== '')
    throw new errors.InvalidRequest('DPoP is not supported for token exchange')
}

async function readToken(
  options: ExchangeOptions,
  params: ReadonlyMap<string, string>,
  whose: 'subject' | 'actor',
): Promise<OwnToken> {
  const type = params.get(`${whose}_token_type`)
  if (type !== accessTokenType && type !== jwtType)
    throw new errors.InvalidRequest(`${whose}_token_type is not supported`)
  const token = await options.tokens.verify(params.get(`${whose}_token`) ?? '')
  if (token === undefined) throw new errors.InvalidRequest(`${whose}_token is not acceptable`)
  return token
}

function targetOf(
  params: ReadonlyMap<string, string>,
  subject: OwnToken,
  allowed: readonly string[],
  resources: Resources,
): string {
  const named = [params.get('resource'), params.get('audience')].filter((one) => one !== undefined)
  const [target = subject.audience, other = target] = named
  if (target !== other) throw new errors.InvalidTarget('one audience a token')
  if (resources.find(target) === undefined) throw new errors.InvalidTarget()
  if (target !== subject.audience && !allowed.includes(target)) throw new errors.InvalidTarget()
  return target
}

function scopesOf(
  ctx: KoaContextWithOIDC,
  provider: Provider,
  options: ExchangeOptions,
  params: ReadonlyMap<string, string>,
  subject: OwnToken,
  audience: string,
): readonly string[] {
  const { client } = ctx.oidc
  if (client === undefined) return []
  const asked = params.get('scope')?.split(' ') ?? []
  for (const scope of asked)
    if (!subject.scopes.includes(scope))
      throw new errors.InvalidScope('scope is more than that of the subject_token', scope)
  const server = new provider.ResourceServer(audience, options.resources.serverOf(ctx, audience, client))
  return (asked.length > 0 ? asked : subject.scopes).filter((scope) => server.scopes.has(scope))
}

interface Act {
  readonly sub: string
  readonly act?: unknown
}

/** Who acts for whom, newest first (RFC 8693 section 4.1). */
function chainOf(subject: OwnToken, client: string, actor: OwnToken | undefined): Act {
  const sub = actor?.sub ?? client
  const mayAct = subject.claims['may_act']
  if (mayAct !== undefined) {
    const allowed =
      typeof mayAct === 'object' && mayAct !== null ? (mayAct as { sub?: unknown }).sub : undefined
    if (allowed !== sub && allowed !== client)
      throw new errors.InvalidRequest('the actor may not act for this subject')
  }
  const before = subject.claims['act']
  let depth = 1
  for (let one: unknown = before; typeof one === 'object' && one !== null; one = (one as Act).act) depth++
  if (depth > deepest) throw new errors.InvalidRequest('too many actors one behind another')
  return before === undefined ? { sub } : { sub, act: before }
}
