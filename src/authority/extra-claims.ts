import { X509Certificate } from 'node:crypto'
import type { KoaContextWithOIDC } from 'oidc-provider'
import type { Accounts } from './accounts/accounts.ts'
import { currentCall } from './call.ts'
import { extensionIn } from './client-registration.ts'
import type { OwnToken } from './own-tokens.ts'

/** What an exchange adds to its token. */
export interface Exchanged {
  readonly act: unknown
  readonly subject: OwnToken
}

/** Claims of access tokens beside those of RFC 9068 section 2.2: `roles`, how the user signed in, actors. */
export interface ExtraClaims {
  of(ctx: KoaContextWithOIDC, token: object): Promise<Record<string, unknown> | undefined>
  /** Notes what an exchange adds to a token that is not yet made. */
  set(token: object, exchanged: Exchanged): void
  /** Certificate of the connection the call came on. */
  certificate(): X509Certificate | undefined
}

export function createExtraClaims(accounts: Pick<Accounts, 'find'>): ExtraClaims {
  const exchanges = new WeakMap<object, Exchanged>()

  const rolesOf = async (sub: string): Promise<readonly string[]> => (await accounts.find(sub))?.roles ?? []

  return {
    set(token, exchanged) {
      exchanges.set(token, exchanged)
    },
    certificate() {
      const der = currentCall()?.certificate
      return der === undefined ? undefined : new X509Certificate(der)
    },
    async of(ctx, token) {
      const { accountId, aud } = token as { accountId?: string; aud?: string }
      const call = currentCall()
      if (call !== undefined && accountId !== undefined) call.sub = accountId
      // A token for the userinfo endpoint is opaque: nobody reads claims in it.
      if (aud === undefined) return undefined
      const extension = extensionIn(ctx.oidc.client)
      const exchanged = exchanges.get(token)
      if (exchanged !== undefined) {
        const roles = await rolesOf(exchanged.subject.sub)
        return {
          act: exchanged.act,
          ...(roles.length > 0 && { roles }),
          ...signInOf(exchanged.subject.claims),
        }
      }
      const mayAct = extension.mayAct[0] === undefined ? undefined : { sub: extension.mayAct[0] }
      if (accountId === undefined)
        return extension.roles.length === 0 ? undefined : { roles: extension.roles }
      const { AuthorizationCode, RotatedRefreshToken, RefreshToken, DeviceCode } = ctx.oidc.entities
      const source = AuthorizationCode ?? RotatedRefreshToken ?? RefreshToken ?? DeviceCode
      const roles = await rolesOf(accountId)
      return {
        roles,
        ...(mayAct !== undefined && { may_act: mayAct }),
        ...signInOf({ auth_time: source?.authTime, acr: source?.acr, amr: source?.amr }),
      }
    },
  }
}

function signInOf(claims: Record<string, unknown>): Record<string, unknown> {
  const found: Record<string, unknown> = {}
  for (const name of ['auth_time', 'acr', 'amr']) if (claims[name] !== undefined) found[name] = claims[name]
  return found
}
