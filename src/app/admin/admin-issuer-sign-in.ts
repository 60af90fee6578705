import type { JSONWebKeySet } from 'jose'
import type { PageSignIn } from '../../admin/sign-in.ts'
import { roleOf } from '../../admin/visitor.ts'
import type { IssuerConfig } from '../../config/types/identity-config.ts'
import type { AdminConfig } from '../../config/types/listen-config.ts'
import type { Outbound } from '../../outbound/create-outbound.ts'
import { compileClaimPath } from '../../stages/identify/bearer/claim-path.ts'
import { startCodeFlow } from './pkce.ts'

/** What of an issuer's metadata is needed (OpenID Connect Discovery section 3). */
interface Metadata {
  readonly authorize: string
  readonly token: string
  readonly keys: string
}

/** Signs in on the page of an external issuer: its roles claim says who may do what. Undefined without a client there. */
export function issuerSignIn(
  { people, roles }: AdminConfig,
  issuer: IssuerConfig,
  outbound: Outbound,
): PageSignIn | undefined {
  const client = people?.client
  if (client === undefined) return undefined
  const rolesIn = compileClaimPath(issuer.roles)

  async function discover(): Promise<Metadata | undefined> {
    const url = `${issuer.issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
    const found = (await outbound.getJson(url)) as Readonly<Record<string, unknown>> | null
    const [authorize, token, keys] = ['authorization_endpoint', 'token_endpoint', 'jwks_uri'].map(
      (name) => found?.[name],
    )
    // A document that names another issuer lends that one's name.
    if (found?.['issuer'] !== issuer.issuer) return undefined
    return typeof authorize === 'string' && typeof token === 'string' && typeof keys === 'string'
      ? { authorize, token, keys }
      : undefined
  }

  async function redeem(token: string, form: Readonly<Record<string, string>>): Promise<unknown> {
    const secret = client?.secret?.reveal()
    const id = client?.id ?? ''
    if (secret !== undefined) return outbound.postForm(token, form, { id, secret })
    const reply = await outbound.fetch(token, {
      method: 'POST',
      body: new URLSearchParams({ ...form, client_id: id }),
      headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
    })
    return reply.ok ? reply.json() : undefined
  }

  return {
    async start(redirectUri) {
      const found = await discover().catch(() => undefined)
      return found && startCodeFlow(found.authorize, client.id, redirectUri)
    },
    async finish({ nonce, verifier, redirectUri }, code) {
      try {
        const found = await discover()
        if (found === undefined) return undefined
        const form = {
          grant_type: 'authorization_code',
          code,
          redirect_uri: redirectUri,
          code_verifier: verifier,
        }
        const reply = (await redeem(found.token, form)) as { readonly id_token?: unknown } | undefined
        if (typeof reply?.id_token !== 'string') return undefined
        const { createLocalJWKSet, jwtVerify } = await import('jose')
        const keys = createLocalJWKSet((await outbound.getJson(found.keys)) as JSONWebKeySet)
        const { payload } = await jwtVerify(reply.id_token, keys, {
          issuer: issuer.issuer,
          audience: client.id,
          algorithms: [...issuer.algorithms],
        })
        if (payload.nonce !== nonce || payload.sub === undefined) return undefined
        const named = rolesIn(payload)
        const given =
          typeof named === 'string' ? named.split(' ') : Array.isArray(named) ? named.map(String) : []
        return {
          name: typeof payload['email'] === 'string' ? payload['email'] : payload.sub,
          issuer: issuer.name,
          sub: payload.sub,
          role: roleOf(given, roles),
          via: 'issuer',
        }
      } catch {
        // Whatever is wrong with the code, the token or the issuer: nobody signed in.
        return undefined
      }
    },
  }
}
