import type { InteractionView } from '../../interaction.ts'
import type { Call, Step } from '../call.ts'
import type { Tools } from '../tools.ts'
import { consentView } from '../views/consent.ts'
import { problemView } from '../views/problem.ts'
import { listSession } from './open-session.ts'

/** Shows what the client asks for. */
export async function showConsent(tools: Tools, call: Call, view: InteractionView): Promise<void> {
  const { site, replies, accounts, interactions } = tools
  const account = view.sub === undefined ? undefined : await accounts.find(view.sub)
  if (account === undefined || account.disabled) return interactions.abort(call.request, call.response)
  await listSession(tools, call, view.client.id)
  const shown = consentView(site, {
    target: call.target(`${interactions.path(view.uid)}/consent`),
    client: view.client,
    email: account.email,
    scopes: view.scopes,
    claims: view.claims,
    resources: view.resources,
    lifetime: view.lifetime,
    device: view.device,
  })
  replies.page(call.response, shown, { redirectUri: view.redirectUri })
}

/** Takes the answer: all or some of what was asked, or no. */
export function consentStep({ site, replies, interactions }: Tools, view: InteractionView): Step {
  return {
    async post(call, form) {
      // Consent before login is a step out of order.
      if (view.step !== 'consent')
        return replies.page(call.response, problemView(site, { text: site.words.problem.lost }), {
          status: 400,
        })
      if (form.text('answer') !== 'allow') return interactions.abort(call.request, call.response)
      const asked = view.scopes.filter((scope) => scope.asked).map(({ name }) => name)
      const ticked = new Set(form.all('scope'))
      const granted = asked.filter((name) => name === 'openid' || ticked.has(name))
      if (granted.length === asked.length) return interactions.finishConsent(call.request, call.response)
      await interactions.finishConsent(call.request, call.response, granted)
    },
  }
}
