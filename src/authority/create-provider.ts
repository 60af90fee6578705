import { setTimeout as wait } from 'node:timers/promises'
import Provider, { errors, type KoaContextWithOIDC } from 'oidc-provider'
import { digestOf } from '../crypto/digest.ts'
import { isSameSecret } from '../crypto/same-secret.ts'
import type { AuthorityRecords } from '../repositories/authority-records.ts'
import { type Call, currentCall } from './call.ts'
import type { DevicePace } from './device-pace.ts'
import { type FailureLimits, TooManyFailures } from './failure-limits.ts'
import { type ProviderParts, providerConfig } from './provider-config.ts'
import type { RecordBox } from './record-box.ts'
import { reachStore, StoreUnavailable } from './store-unavailable.ts'
import type { StructuredTokens } from './structured-tokens.ts'

export interface CreateProviderParts extends ProviderParts {
  readonly limits: FailureLimits
  readonly pace: DevicePace
  readonly records: AuthorityRecords
  readonly box: RecordBox
  readonly structured: StructuredTokens
}

/** A failed authentication takes at least this, so that the time says nothing about the client. Milliseconds. */
const failureFloorMs = 15

/** Builds the protocol server with what its configuration cannot say. */
export function createProvider(parts: CreateProviderParts): Provider {
  const provider = new Provider(parts.options.issuer, providerConfig(parts))
  // What it believes of the connection is written by `handle`, never by the caller.
  provider.proxy = true
  keepSecretsAsDigests(provider)
  watchClients(provider, parts.limits)
  makeReplaysAtomic(provider, parts)
  provider.use(async (ctx, next) => around(ctx as unknown as KoaContextWithOIDC, next, parts))
  tellEvents(provider, parts)
  return provider
}

/** Metadata holds the digest of a secret: a secret that is shown is hashed before it is compared. */
function keepSecretsAsDigests(provider: Provider): void {
  provider.Client.prototype.compareClientSecret = function (this: { clientSecret?: string }, given: string) {
    return isSameSecret(digestOf(given), this.clientSecret ?? '')
  }
}

/** Every way of authenticating a client passes by its look-up: there the limits are asked, for unknown ids too. */
function watchClients(provider: Provider, limits: FailureLimits): void {
  const { Client } = provider
  type Find = typeof Client.find
  const find: Find = Client.find.bind(Client) as Find
  const watched = async (id: string): Promise<unknown> => {
    const call = currentCall()
    const ctx = Provider.ctx
    if (call?.back && call.client === undefined) {
      call.client = typeof id === 'string' ? id.slice(0, 200) : undefined
      if (call.client !== undefined)
        try {
          await limits.assertClient(call.client, call.caller.address)
        } catch (error) {
          if (error instanceof TooManyFailures) call.retryAfter = error.retryAfter
          throw error
        }
      hideStructured(ctx, call)
    }
    return find.call(Client, id)
  }
  Client.find = watched as unknown as Find
}

/** Introspection and revocation refuse JWTs outright (unsupported_token_type): what has dots, as no opaque token does, is
 * answered after them. */
function hideStructured(ctx: KoaContextWithOIDC | undefined, call: Call): void {
  if (call.endpoint !== 'introspection' && call.endpoint !== 'revocation') return
  const params = ctx?.oidc.params
  const token = params?.['token']
  if (params === undefined || typeof token !== 'string' || !token.includes('.')) return
  call.structured = token
  params['token'] = 'structured'
}

/** The built-in check reads, then writes: two at once would both be the first. */
function makeReplaysAtomic(provider: Provider, { records, box, options }: CreateProviderParts): void {
  const model = 'ReplayDetection'
  const unique = (issuer: string, jti: string, exp: number): Promise<boolean> => {
    const now = Math.floor(options.clock.now() / 1000)
    const id = box.idOf(model, `${issuer.length}:${issuer}${jti}`)
    const record = { model, id, payload: '', created: now, expires: Math.max(exp, now + 1) }
    return reachStore(() => records.insertOnce(record, now))
  }
  Object.assign(provider.ReplayDetection, { unique })
}

async function around(
  ctx: KoaContextWithOIDC,
  next: () => Promise<void>,
  parts: CreateProviderParts,
): Promise<void> {
  const call = currentCall()
  if (call === undefined) return next()
  const started = performance.now()
  try {
    if (call.back) {
      ctx.set('Cache-Control', 'no-store')
      if (ctx.querystring !== '') throw new errors.InvalidRequest('parameters belong into the body')
      await parts.limits.assertAddress(call.caller.address)
    }
    await next()
    await keepPace(ctx, call, parts.pace)
  } catch (error) {
    // What no endpoint has answered: a limit, or a store that fails while the session is kept.
    if (!(error instanceof errors.OIDCProviderError)) throw error
    if (error instanceof TooManyFailures) call.retryAfter = error.retryAfter
    ctx.status = error.statusCode
    ctx.set('Cache-Control', 'no-store')
    ctx.body = {
      error: error.error,
      ...(error.error_description !== undefined && { error_description: error.error_description }),
    }
  }
  sayInvalidGrant(ctx, call)
  sayInvalidClient(ctx, call)
  call.client ??= 'oidc' in ctx ? ctx.oidc.client?.clientId : undefined
  if (call.error === undefined) call.error = errorIn(ctx.body)
  keepFrameless(ctx)
  if (call.retryAfter !== undefined) ctx.set('Retry-After', String(call.retryAfter))
  if (ctx.status === 200 && call.structured !== undefined) await parts.structured.answer(ctx, call)
  if (call.back && ctx.status === 401 && call.error === 'invalid_client') {
    if (await parts.limits.failed(call.client, call.caller.address)) {
      call.notes.push('client-locked')
      parts.options.onEvent?.({ kind: 'client-locked', client: call.client })
    }
    const left = failureFloorMs - (performance.now() - started)
    if (left > 0) await wait(left)
  }
}

/** Devices are told how often to ask, and those that ask faster that they do (RFC 8628 sections 3.2 and 3.5). */
async function keepPace(ctx: KoaContextWithOIDC, call: Call, pace: DevicePace): Promise<void> {
  if (call.endpoint === 'device-authorization' && ctx.status === 200) {
    ctx.body = { ...(ctx.body as object), interval: pace.interval }
    return
  }
  if (call.endpoint !== 'token' || errorIn(ctx.body) !== 'authorization_pending') return
  const code = ctx.oidc.params?.['device_code']
  if (typeof code !== 'string' || !(await pace.isTooFast(code))) return
  ctx.body = { error: 'slow_down', error_description: 'wait 5 seconds longer between two polls' }
  call.error = 'slow_down'
}

/** Pages that the protocol server draws itself (form_post, a form that sends itself) are in no frame either. */
function keepFrameless(ctx: KoaContextWithOIDC): void {
  if (!ctx.response.is('html') || ctx.response.get('Content-Security-Policy') !== '') return
  ctx.set('Content-Security-Policy', "frame-ancestors 'none'; base-uri 'none'; object-src 'none'")
  ctx.set('Referrer-Policy', 'no-referrer')
}

/** No authentication at all is a failed one (RFC 6749 section 5.2; row A24), not a malformed request. */
function sayInvalidClient(ctx: KoaContextWithOIDC, call: Call): void {
  if (!call.back || errorIn(ctx.body) !== 'invalid_request') return
  const { error_description: description } = ctx.body as { error_description?: unknown }
  if (description !== 'no client authentication mechanism provided') return
  ctx.status = 401
  ctx.set('WWW-Authenticate', 'Basic realm="clients"')
  ctx.body = { error: 'invalid_client', error_description: 'client authentication failed' }
  call.error = 'invalid_client'
}

/** A verifier that cannot be one is as wrong as any other (RFC 7636 section 4.6), not a malformed request. */
function sayInvalidGrant(ctx: KoaContextWithOIDC, call: Call): void {
  if (call.endpoint !== 'token' || !('oidc' in ctx) || errorIn(ctx.body) !== 'invalid_request') return
  const verifier = ctx.oidc.params?.['code_verifier']
  if (typeof verifier !== 'string' || /^[\w.~-]{43,128}$/.test(verifier)) return
  if (ctx.oidc.params?.['grant_type'] !== 'authorization_code') return
  ctx.body = { error: 'invalid_grant', error_description: 'grant request is invalid' }
  call.error = 'invalid_grant'
}

function errorIn(body: unknown): string | undefined {
  if (typeof body !== 'object' || body === null || !('error' in body)) return undefined
  return typeof body.error === 'string' ? body.error : undefined
}

const errorEvents = [
  'authorization.error',
  'grant.error',
  'pushed_authorization_request.error',
  'device_authorization.error',
  'introspection.error',
  'revocation.error',
  'userinfo.error',
  'end_session.error',
  'code_verification.error',
] as const

function tellEvents(provider: Provider, { options }: CreateProviderParts): void {
  const emitter: NodeJS.EventEmitter = provider
  for (const name of errorEvents)
    emitter.on(
      name,
      (ctx: KoaContextWithOIDC, error: { error?: string; error_detail?: string; message: string }) => {
        const call = currentCall()
        if (call === undefined) return
        call.error = error.error ?? error.message
        const reuse = /^(refresh token|authorization code) already/.exec(error.error_detail ?? '')?.[1]
        if (reuse === undefined) return
        const kind = reuse === 'refresh token' ? 'refresh-reuse' : 'code-reuse'
        call.notes.push(kind)
        options.onEvent?.({ kind, client: ctx.oidc.client?.clientId, sub: ctx.oidc.account?.accountId })
      },
    )
  emitter.on(
    'backchannel.error',
    (_ctx: KoaContextWithOIDC, error: Error, client: { clientId: string }, sub: string) =>
      options.onEvent?.({ kind: 'logout-failed', client: client.clientId, sub, detail: error.message }),
  )
  emitter.on('server_error', (_ctx: KoaContextWithOIDC, error: Error) => {
    const call = currentCall()
    if (call !== undefined) call.error = 'server_error'
    options.onEvent?.({ kind: 'fault', detail: error.message })
  })
  // Koa prints what nobody listens to; whatever reaches it may hold what a caller sent.
  emitter.on('error', (error: Error) => {
    if (error instanceof StoreUnavailable) options.onEvent?.({ kind: 'fault', detail: 'store' })
    else options.onEvent?.({ kind: 'fault', detail: error.message })
  })
}
