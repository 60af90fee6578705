import { isRefused, type Refused } from '../../accounts/account.ts'
import type { Call, Step } from '../call.ts'
import type { LinkPurpose } from '../http/browser-state.ts'
import { fieldProblems, refusedStatus, refusedWords } from '../refused-words.ts'
import type { Tools } from '../tools.ts'
import { messageView } from '../views/message.ts'
import { problemView } from '../views/problem.ts'
import { resetView } from '../views/reset.ts'
import { setUpView } from '../views/set-up.ts'
import { verifyView } from '../views/verify.ts'
import { missingFields } from './registration.ts'

/** The pages that links of mails lead to, `ISSUER/account/verify|reset|set-up?token=…`. */
export function mailLinkSteps(tools: Tools): ReadonlyMap<string, Step> {
  const { site, replies, accounts } = tools
  const { words } = site
  const path = (name: string): string => `${site.base}/account/${name}`

  const lost = (call: Call, refused: Refused): void =>
    replies.page(call.response, problemView(site, { text: refusedWords(words, refused) }), {
      status: refusedStatus(refused),
      retryAfterMs: refused.retryMs,
    })

  /** A step that has a token. The token of the address bar goes into the cookie first, and out of sight. */
  const linked = (
    purpose: LinkPurpose,
    show: (call: Call) => void,
    take: (call: Call, token: string, form: Parameters<NonNullable<Step['post']>>[1]) => Promise<void>,
  ): Step => ({
    get(call) {
      const token = call.query.get('token')
      if (token !== null && /^[\w.~-]{16,512}$/.test(token)) {
        call.keep({ ...call.state(), link: { purpose, token } })
        return replies.redirect(call.response, path(purpose))
      }
      if (call.state().link?.purpose !== purpose) return lost(call, { refused: 'expired' })
      show(call)
    },
    post(call, form) {
      const { link } = call.state()
      if (link?.purpose !== purpose) return lost(call, { refused: 'expired' })
      return take(call, link.token, form)
    },
  })

  /** The link is used up; goes on with the sign-in that this browser came from, if there is one. */
  const done = (call: Call, title: string, text: string): void => {
    const { link: _used, interaction, ...rest } = call.state()
    call.keep(interaction === undefined ? rest : { ...rest, interaction })
    const href = interaction === undefined ? path('login') : tools.interactions.path(interaction)
    replies.page(call.response, messageView({ title, text, link: { href, label: words.verify.continue } }))
  }

  const showReset = (call: Call, problem?: string, status = 200): void =>
    replies.page(call.response, resetView(site, { target: call.target(path('reset')), problem }), { status })
  const showSetUp = (call: Call, email: string, problems = {}, status = 200): void =>
    replies.page(call.response, setUpView(site, { target: call.target(path('set-up')), email, problems }), {
      status,
    })

  return new Map([
    [
      'verify',
      linked(
        'verify',
        (call) => replies.page(call.response, verifyView(site, { target: call.target(path('verify')) })),
        async (call, token) => {
          const answer = await accounts.verifyEmail(token)
          if (isRefused(answer)) return lost(call, answer)
          done(call, words.verify.doneTitle, words.verify.done)
        },
      ),
    ],
    [
      'reset',
      linked(
        'reset',
        (call) => showReset(call),
        async (call, token, form) => {
          const password = form.text('password')
          if (password === '') return showReset(call, words.refused.passwordMissing, 400)
          const refused = await accounts.reset(token, password, call.visit(undefined))
          if (refused === undefined) return done(call, words.reset.doneTitle, words.reset.done)
          const { password: problem } = fieldProblems(words, refused)
          if (problem === undefined) return lost(call, refused)
          showReset(call, problem, 400)
        },
      ),
    ],
    [
      'set-up',
      linked(
        'set-up',
        (call) => showSetUp(call, ''),
        async (call, token, form) => {
          const email = form.text('email').trim()
          const password = form.text('password')
          const missing = missingFields(words.refused, email, password)
          if (missing !== undefined) return showSetUp(call, email, missing, 400)
          const answer = await accounts.redeemSetup(token, email, password, call.visit(undefined))
          if (!isRefused(answer)) return done(call, words.setUp.doneTitle, words.setUp.done)
          if (answer.refused === 'expired') return lost(call, answer)
          showSetUp(call, email, fieldProblems(words, answer), refusedStatus(answer))
        },
      ),
    ],
  ])
}
