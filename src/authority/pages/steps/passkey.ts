import { parseJson } from '../../../media/json.ts'
import { isRefused } from '../../accounts/account.ts'
import type { Call, Step } from '../call.ts'
import type { Place } from '../place.ts'
import type { Tools } from '../tools.ts'
import { passkeyView } from '../views/passkey.ts'
import { advance, halfwayOf } from './sign-in.ts'

/** A passkey: alone, or as the second factor after the password. */
export function passkeyStep(tools: Tools, place: Place): Step {
  const { site, replies, accounts } = tools
  const show = async (call: Call, problem?: string): Promise<void> => {
    const options = await accounts.passkeys.beginSignIn(halfwayOf(tools, call, place)?.sub)
    const view = passkeyView(site, {
      target: call.target(`${place.path}/passkey`),
      options: JSON.stringify(options),
      passwordLink: place.path,
      problem,
    })
    const status = problem === undefined ? 200 : 400
    replies.page(call.response, view, { status, redirectUri: place.redirectUri })
  }
  return {
    get: (call) => show(call),
    async post(call, form) {
      const halfway = halfwayOf(tools, call, place)
      const response = parsePasskeyResponse(form.text('response'))
      const visit = call.visit(place.client?.id)
      const answer =
        response === undefined
          ? ({ refused: 'credentials' } as const)
          : await accounts.passkeys.finishSignIn(halfway?.sub, response, visit)
      if (isRefused(answer)) return show(call, site.words.refused.passkey)
      await advance(tools, call, place, answer, halfway?.remember ?? false)
    },
  }
}

/** What the browser's passkey answered, as strict JSON; undefined where it is none. */
export function parsePasskeyResponse(text: string): unknown {
  const json = parseJson(Buffer.from(text), { depth: 16, members: 1_000 })
  if (typeof json === 'string' || typeof json.value !== 'object' || json.value === null) return undefined
  return json.value
}
