import type { Call, Step } from '../call.ts'
import type { Place } from '../place.ts'
import type { Tools } from '../tools.ts'
import { signInStep } from './interaction.ts'
import { openSession } from './open-session.ts'
import { showLogin, takeLogin } from './sign-in.ts'
import { destinationPath, findSigned } from './signed.ts'

/** Signing in at the account pages, without a client: `ISSUER/account/login` and below. */
export function accountLoginStep(tools: Tools, name: string): Step | undefined {
  const { site, replies } = tools
  const place = (again: boolean): Place => ({
    path: `${site.base}/account/login`,
    key: 'account',
    client: undefined,
    redirectUri: undefined,
    loginHint: undefined,
    again,
    async finish(call, login) {
      await openSession(tools, call, login, undefined)
      const { then, ...rest } = call.state()
      call.keep(rest)
      replies.redirect(call.response, destinationPath(site.base, then ?? 'profile'))
    },
  })
  if (name === 'login')
    return {
      async get(call: Call) {
        const signed = (await findSigned(tools, call.request, call.response)) !== undefined
        if (signed && call.state().then === undefined)
          return replies.redirect(call.response, `${site.base}/account`)
        showLogin(tools, call, place(signed))
      },
      post: (call, form) => takeLogin(tools, call, place(false), form),
    }
  return name.startsWith('login/') ? signInStep(tools, place(false), name.slice(6)) : undefined
}
