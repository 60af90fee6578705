import type { KoaContextWithOIDC } from 'oidc-provider'
import type { Call } from './call.ts'
import { extensionIn } from './client-registration.ts'
import type { OwnToken, OwnTokens } from './own-tokens.ts'
import { reachStore } from './store-unavailable.ts'

/** Introspection (RFC 7662) and revocation (RFC 7009) of our JWT access tokens, once the client has authenticated. */
export interface StructuredTokens {
  answer(ctx: KoaContextWithOIDC, call: Call): Promise<void>
}

export interface StructuredTokenOptions {
  readonly issuer: string
  readonly tokens: OwnTokens
  readonly isAlive: (token: OwnToken) => Promise<boolean>
  /** Refuses a token from now on. `until`: seconds since the epoch. */
  readonly deny: (jti: string, until: number) => Promise<void>
}

export function createStructuredTokens(options: StructuredTokenOptions): StructuredTokens {
  return {
    async answer(ctx, call) {
      const { client } = ctx.oidc
      const token = await options.tokens.verify(call.structured ?? '')
      if (client === undefined || token === undefined) return
      if (call.endpoint === 'revocation') {
        // Somebody else's token stays valid, and the answer does not say that it exists (RFC 7009 section 2.1).
        if (token.client === client.clientId) await reachStore(() => options.deny(token.jti, token.expires))
        return
      }
      const isMine =
        token.client === client.clientId || extensionIn(client).audiences.includes(token.audience)
      if (!isMine || !(await options.isAlive(token))) return
      const { jti, sub, iat, exp, aud, scope, cnf, roles, act } = token.claims
      ctx.body = {
        active: true,
        iss: options.issuer,
        client_id: token.client,
        token_type: cnf !== undefined && 'jkt' in (cnf as object) ? 'DPoP' : 'Bearer',
        jti,
        sub,
        iat,
        exp,
        aud,
        ...(scope !== undefined && { scope }),
        ...(cnf !== undefined && { cnf }),
        ...(roles !== undefined && { roles }),
        ...(act !== undefined && { act }),
      }
    },
  }
}
