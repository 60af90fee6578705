import { interactionPolicy } from 'oidc-provider'
import { acr, isEnough } from './acr.ts'
import { extensionIn } from './client-registration.ts'

type Policy = ReturnType<typeof interactionPolicy.base>

/**
 * When a browser is shown a page: what OpenID Connect asks for, and beyond it: a session whose account is gone signs in
 * again, a class of authentication that was asked for is asked for once, and a client that nobody vouches for is named
 * each time (row A29).
 */
export function createInteractionPolicy(): Policy {
  const { Check, base } = interactionPolicy
  const policy = base()
  policy
    .get('login')
    ?.checks.add(
      new Check(
        'account_gone',
        'the account of the session cannot be used',
        'login_required',
        (ctx) => ctx.oidc.session?.accountId !== undefined && ctx.oidc.account === undefined,
      ),
    )
  policy.get('login')?.checks.add(
    new Check('acr_values', 'a stronger authentication is asked for', 'login_required', (ctx) => {
      const asked = ctx.oidc.params?.['acr_values']
      if (typeof asked !== 'string' || asked === '' || ctx.oidc.result?.login !== undefined) return false
      const known = asked.split(' ').filter((one) => one === acr.single || one === acr.multi)
      return known.length > 0 && !isEnough(ctx.oidc.session?.acr, known)
    }),
  )
  policy.get('consent')?.checks.add(
    new Check('client_unverified', 'the client is not verified', 'consent_required', (ctx) => {
      if (ctx.oidc.result?.consent !== undefined) return false
      return !extensionIn(ctx.oidc.client).verified
    }),
  )
  return policy
}
