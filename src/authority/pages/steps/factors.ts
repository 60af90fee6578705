import { isRefused, type Refused } from '../../accounts/account.ts'
import type { TotpDraft } from '../../accounts/totp.ts'
import type { Call, Step } from '../call.ts'
import type { Destination } from '../http/browser-state.ts'
import { refusedStatus, refusedWords } from '../refused-words.ts'
import type { Tools } from '../tools.ts'
import { passkeyAddView } from '../views/passkey-add.ts'
import { recoveryCodesView } from '../views/recovery-codes.ts'
import { securityView } from '../views/security.ts'
import { totpView } from '../views/totp.ts'
import { parsePasskeyResponse } from './passkey.ts'
import { type Signed, signOutTarget, takeSaid } from './signed.ts'

/** Seconds for which a sign-in is fresh enough to change how one signs in. */
const freshFor = 15 * 60

/** The pages about second factors. Changing one needs a fresh sign-in: it is as good as the password. */
export function factorStep(tools: Tools, signed: Signed, name: string): Step | undefined {
  switch (name) {
    case 'security':
      return { get: (call) => showSecurity(tools, call, signed) }
    case 'totp':
      return fresh(tools, signed, 'security', totpStep(tools, signed))
    case 'totp/remove':
      return fresh(tools, signed, 'security', totpRemoveStep(tools, signed))
    case 'recovery-codes':
      return fresh(tools, signed, 'security', recoveryCodesStep(tools, signed))
    case 'passkeys/new':
      return fresh(tools, signed, 'passkey', passkeyNewStep(tools, signed))
    case 'passkeys/remove':
      return fresh(tools, signed, 'security', passkeyRemoveStep(tools, signed))
    default:
      return undefined
  }
}

/** Lets a step run only soon after a sign-in; asks for a new one otherwise. */
function fresh({ clock, site, replies }: Tools, { session }: Signed, then: Destination, step: Step): Step {
  const age = clock.now() / 1000 - session.loginTime
  if (age <= freshFor && age > -60) return step
  const again = (call: Call): void => {
    call.keep({ ...call.state(), then })
    replies.redirect(call.response, `${site.base}/account/login`)
  }
  return {
    ...(step.get === undefined ? {} : { get: again }),
    ...(step.post === undefined ? {} : { post: again }),
  }
}

async function showSecurity(tools: Tools, call: Call, { account }: Signed, refused?: Refused): Promise<void> {
  const { site, accounts, replies } = tools
  const path = `${site.base}/account`
  const totp = account.secondFactors.includes('totp')
  const view = securityView(site, {
    signOut: signOutTarget(tools, call),
    totp,
    totpRemove: call.target(`${path}/totp/remove`),
    recoveryCodesLeft: totp ? await accounts.totp.recoveryCodesLeft(account.sub) : 0,
    recoveryCodes: call.target(`${path}/recovery-codes`),
    passkeys: await accounts.passkeys.list(account.sub),
    passkeyRemove: call.target(`${path}/passkeys/remove`),
    done: takeSaid(call) === 'removed' ? site.words.security.removed : undefined,
    problem: refused === undefined ? undefined : factorWords(tools, refused),
  })
  replies.page(call.response, view, { status: refused === undefined ? 200 : refusedStatus(refused) })
}

function factorWords({ site }: Tools, refused: Refused): string {
  return refused.refused === 'password-too-short'
    ? site.words.security.passwordAlone
    : refusedWords(site.words, refused)
}

function totpStep(tools: Tools, { account, session }: Signed): Step {
  const { site, accounts, replies } = tools
  const show = (call: Call, draft: TotpDraft, refused?: Refused): void => {
    const view = totpView(site, {
      signOut: signOutTarget(tools, call),
      target: call.target(`${site.base}/account/totp`),
      draft,
      problem: refused === undefined ? undefined : refusedWords(site.words, refused),
    })
    replies.page(call.response, view, { status: refused === undefined ? 200 : refusedStatus(refused) })
  }
  return {
    async get(call) {
      const draft = await accounts.totp.begin(account.sub)
      if (isRefused(draft)) return replies.redirect(call.response, `${site.base}/account/security`)
      show(call, draft)
    },
    async post(call, form) {
      const answer = await accounts.totp.confirm(
        account.sub,
        form.text('code').trim(),
        call.visit(undefined, session.uid),
      )
      if (!isRefused(answer)) return showCodes(tools, call, answer.recoveryCodes)
      const draft = parseDraft(form.text('draft'))
      if (draft === undefined) return replies.redirect(call.response, `${site.base}/account/totp`)
      show(call, draft, answer)
    },
  }
}

/** The draft that the form carried, to show it again; it proves nothing, the server keeps its own. */
function parseDraft(uri: string): TotpDraft | undefined {
  if (uri.length > 1_000 || !uri.startsWith('otpauth://totp/')) return undefined
  const secret = URL.parse(uri)?.searchParams.get('secret')
  return secret && /^[A-Z2-7]{16,128}$/.test(secret) ? { uri, secret } : undefined
}

function showCodes(tools: Tools, call: Call, codes: readonly string[]): void {
  tools.replies.page(
    call.response,
    recoveryCodesView(tools.site, { signOut: signOutTarget(tools, call), codes }),
  )
}

/** A step that changes something, says so, and goes back to the overview. */
function removing(
  tools: Tools,
  signed: Signed,
  remove: (call: Call, id: string) => Promise<undefined | Refused>,
): Step {
  return {
    async post(call, form) {
      const refused = await remove(call, form.text('id'))
      if (refused !== undefined) return showSecurity(tools, call, signed, refused)
      call.keep({ ...call.state(), said: 'removed' })
      tools.replies.redirect(call.response, `${tools.site.base}/account/security`)
    },
  }
}

function totpRemoveStep(tools: Tools, signed: Signed): Step {
  return removing(tools, signed, (call) =>
    tools.accounts.totp.remove(signed.account.sub, call.visit(undefined, signed.session.uid)),
  )
}

function passkeyRemoveStep(tools: Tools, signed: Signed): Step {
  return removing(tools, signed, (call, id) =>
    tools.accounts.passkeys.remove(signed.account.sub, id, call.visit(undefined, signed.session.uid)),
  )
}

function recoveryCodesStep(tools: Tools, signed: Signed): Step {
  return {
    async post(call) {
      const answer = await tools.accounts.totp.renewRecoveryCodes(
        signed.account.sub,
        call.visit(undefined, signed.session.uid),
      )
      if (isRefused(answer)) return showSecurity(tools, call, signed, answer)
      showCodes(tools, call, answer.recoveryCodes)
    },
  }
}

function passkeyNewStep(tools: Tools, signed: Signed): Step {
  const { site, accounts, replies } = tools
  const { sub } = signed.account
  const show = async (call: Call, problem?: string): Promise<void> => {
    const options = await accounts.passkeys.beginRegistration(sub)
    if (isRefused(options)) return showSecurity(tools, call, signed, options)
    const view = passkeyAddView(site, {
      signOut: signOutTarget(tools, call),
      target: call.target(`${site.base}/account/passkeys/new`),
      options: JSON.stringify(options),
      problem,
    })
    replies.page(call.response, view, { status: problem === undefined ? 200 : 400 })
  }
  return {
    get: (call) => show(call),
    async post(call, form) {
      const response = parsePasskeyResponse(form.text('response'))
      if (response === undefined) return show(call, site.words.refused.passkey)
      const name = form.text('name').trim().slice(0, 60)
      const visit = call.visit(undefined, signed.session.uid)
      const answer = await accounts.passkeys.finishRegistration(sub, response, name, visit)
      if (isRefused(answer)) return show(call, site.words.refused.passkey)
      replies.redirect(call.response, `${site.base}/account/security`)
    },
  }
}
