import type { Call, Step } from '../call.ts'
import { type BrowserState, newStateId } from '../http/browser-state.ts'
import { refusedStatus, refusedWords } from '../refused-words.ts'
import type { Tools } from '../tools.ts'
import { grantsView } from '../views/grants.ts'
import { type ProfileProps, profileView } from '../views/profile.ts'
import { sessionsView } from '../views/sessions.ts'
import { factorStep } from './factors.ts'
import { type Signed, signOutTarget, takeSaid } from './signed.ts'

/** The page below `ISSUER/account` that has this name, for somebody who is signed in. */
export function accountStep(tools: Tools, signed: Signed, name: string): Step | undefined {
  switch (name) {
    case '':
      return { get: (call) => showProfile(tools, call, signed, {}) }
    case 'password':
      return passwordStep(tools, signed)
    case 'sessions':
    case 'sessions/end':
      return sessionsStep(tools, signed, name === 'sessions')
    case 'sign-out':
    case 'sign-out-everywhere':
      return signOutStep(tools, signed, name === 'sign-out-everywhere')
    case 'grants':
    case 'grants/revoke':
      return grantsStep(tools, signed, name === 'grants')
    default:
      return factorStep(tools, signed, name)
  }
}

function showProfile(
  tools: Tools,
  call: Call,
  { account }: Signed,
  problems: ProfileProps['problems'],
  status = 200,
): void {
  const said = takeSaid(call)
  const view = profileView(tools.site, {
    signOut: signOutTarget(tools, call),
    account,
    password: call.target(`${tools.site.base}/account/password`),
    problems,
    done: said === 'password' ? tools.site.words.account.passwordDone : undefined,
  })
  tools.replies.page(call.response, view, { status })
}

function passwordStep(tools: Tools, signed: Signed): Step {
  const { accounts, interactions, replies, site } = tools
  const { refused: words } = site.words
  return {
    get: (call) => replies.redirect(call.response, `${site.base}/account`),
    async post(call, form) {
      const next = form.text('next')
      if (next === '') return showProfile(tools, call, signed, { next: words.passwordMissing }, 400)
      const { sub } = signed.account
      const visit = call.visit(undefined, signed.session.uid)
      const refused = await accounts.changePassword(sub, form.text('current'), next, visit)
      if (refused === undefined) {
        // Every other session has ended; grants and tokens end with them (ASVS 7.4.3).
        await interactions.signOutEverywhere(sub, signed.session.uid)
        call.keep({ ...call.state(), id: newStateId(), said: 'password' })
        return replies.redirect(call.response, `${site.base}/account`)
      }
      const sentence = refusedWords(site.words, refused)
      const problems =
        refused.refused === 'credentials'
          ? { current: words.currentPassword }
          : refused.refused.startsWith('password-')
            ? { next: sentence }
            : { form: sentence }
      showProfile(tools, call, signed, problems, refusedStatus(refused))
    },
  }
}

function sessionsStep(tools: Tools, signed: Signed, list: boolean): Step {
  const { accounts, replies, site } = tools
  const path = `${site.base}/account/sessions`
  const { sub } = signed.account
  if (!list)
    return {
      async post(call, form) {
        const ended = await accounts.sessions.end(sub, form.text('id'))
        if (ended) call.keep({ ...call.state(), said: 'ended' })
        replies.redirect(call.response, path)
      },
    }
  return {
    async get(call) {
      const sessions = await accounts.sessions.list(sub, signed.session.uid)
      const view = sessionsView(site, {
        signOut: signOutTarget(tools, call),
        sessions,
        end: call.target(`${path}/end`),
        endAll: call.target(`${site.base}/account/sign-out-everywhere`),
        done: takeSaid(call) === 'ended' ? site.words.sessions.ended : undefined,
      })
      replies.page(call.response, view)
    },
  }
}

function signOutStep(tools: Tools, { account, session }: Signed, everywhere: boolean): Step {
  const { accounts, interactions, replies, site } = tools
  return {
    get: (call) => replies.redirect(call.response, `${site.base}/account`),
    async post(call) {
      await interactions.signOut(call.request, call.response)
      await accounts.sessions.end(account.sub, session.uid)
      if (everywhere) {
        await accounts.sessions.endAll(account.sub)
        await interactions.signOutEverywhere(account.sub)
      }
      const state: BrowserState = { id: newStateId(), until: call.state().until }
      call.keep(state)
      replies.redirect(call.response, `${site.base}/account/signed-out${everywhere ? '?everywhere=yes' : ''}`)
    },
  }
}

function grantsStep(tools: Tools, signed: Signed, list: boolean): Step {
  const { interactions, replies, site } = tools
  const path = `${site.base}/account/grants`
  const { sub } = signed.account
  if (!list)
    return {
      async post(call, form) {
        const revoked = await interactions.revokeGrant(sub, form.text('id'))
        if (revoked) call.keep({ ...call.state(), said: 'revoked' })
        replies.redirect(call.response, path)
      },
    }
  return {
    async get(call) {
      const grants = await interactions.grants(sub)
      const view = grantsView(site, {
        signOut: signOutTarget(tools, call),
        grants,
        revoke: call.target(`${path}/revoke`),
        done: takeSaid(call) === 'revoked' ? site.words.grants.revoked : undefined,
      })
      replies.page(call.response, view)
    },
  }
}
