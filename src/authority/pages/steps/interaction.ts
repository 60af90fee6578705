import type { InteractionView } from '../../interaction.ts'
import type { Call, Step } from '../call.ts'
import type { Place } from '../place.ts'
import type { Tools } from '../tools.ts'
import { consentStep, showConsent } from './consent.ts'
import { openSession } from './open-session.ts'
import { passkeyStep } from './passkey.ts'
import { checkMailStep, registerStep, requestResetStep } from './registration.ts'
import { secondFactorStep } from './second-factor.ts'
import { showLogin, takeLogin } from './sign-in.ts'

/** The step below `ISSUER/interaction/UID` that has this name; undefined where there is none. */
export function interactionStep(tools: Tools, view: InteractionView, name: string): Step | undefined {
  if (name === 'consent') return consentStep(tools, view)
  const place = placeOf(tools, view)
  if (name === '')
    return {
      get(call) {
        call.keep({ ...call.state(), interaction: view.uid })
        return view.step === 'consent' ? showConsent(tools, call, view) : showLogin(tools, call, place)
      },
      ...(view.step === 'login' ? { post: (call, form) => takeLogin(tools, call, place, form) } : {}),
    }
  // Everything else is a part of signing in: after it, only consent is left.
  if (view.step !== 'login')
    return {
      get: (call) => tools.replies.redirect(call.response, place.path),
      post: (call) => tools.replies.redirect(call.response, place.path),
    }
  return signInStep(tools, place, name)
}

/** The steps of signing in beside the first. */
export function signInStep(tools: Tools, place: Place, name: string): Step | undefined {
  switch (name) {
    case 'second-factor':
      return secondFactorStep(tools, place)
    case 'passkey':
      return passkeyStep(tools, place)
    case 'register':
      return registerStep(tools, place)
    case 'reset':
      return requestResetStep(tools, place)
    case 'check-mail':
      return checkMailStep(tools, place)
    default:
      return undefined
  }
}

function placeOf(tools: Tools, view: InteractionView): Place {
  const { interactions } = tools
  return {
    path: interactions.path(view.uid),
    key: view.uid,
    client: view.client,
    redirectUri: view.redirectUri,
    loginHint: view.loginHint,
    again: view.sub !== undefined,
    async finish(call: Call, login) {
      // Where somebody else was signed in, the protocol signs them out on the way, and consent lists the new session.
      if (view.sub === undefined || view.sub === login.sub)
        await openSession(tools, call, login, view.client.id)
      await interactions.finishLogin(call.request, call.response, login)
    },
  }
}
