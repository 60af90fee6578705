import { isRefused } from '../../accounts/account.ts'
import type { Call, Step } from '../call.ts'
import type { Place } from '../place.ts'
import { refusedStatus, refusedWords } from '../refused-words.ts'
import type { Tools } from '../tools.ts'
import { secondFactorView } from '../views/second-factor.ts'
import { advance, halfwayOf } from './sign-in.ts'

/** A code of the authenticator app, after the password and only then. */
export function secondFactorStep(tools: Tools, place: Place): Step {
  const { site, replies, accounts } = tools
  const show = (call: Call, factors: readonly string[], problem?: string, status = 200): void => {
    const view = secondFactorView(site, {
      target: call.target(`${place.path}/second-factor`),
      passkeyLink: factors.includes('passkey') ? `${place.path}/passkey` : undefined,
      restartLink: place.path,
      problem,
    })
    replies.page(call.response, view, { status, redirectUri: place.redirectUri })
  }
  return {
    get(call) {
      const halfway = halfwayOf(tools, call, place)
      if (halfway === undefined) return replies.redirect(call.response, place.path)
      show(call, halfway.factors)
    },
    async post(call, form) {
      const halfway = halfwayOf(tools, call, place)
      if (halfway === undefined) return replies.redirect(call.response, place.path)
      const code = form.text('code').trim()
      const answer = await accounts.secondFactor(halfway.sub, code, call.visit(place.client?.id))
      if (!isRefused(answer)) return advance(tools, call, place, answer, halfway.remember)
      show(call, halfway.factors, refusedWords(site.words, answer), refusedStatus(answer))
    },
  }
}
