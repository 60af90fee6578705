import { isRefused, type SignedIn } from '../../accounts/account.ts'
import { type Call, deviceCookie } from '../call.ts'
import { type BrowserState, newStateId } from '../http/browser-state.ts'
import type { Form } from '../http/read-form.ts'
import type { Place } from '../place.ts'
import type { Tools } from '../tools.ts'
import { loginView } from '../views/login.ts'

/** Milliseconds from the password to the second factor. */
const halfwayMs = 10 * 60_000
const deviceAge = 400 * 86_400

/** The login page, again with what was wrong. Every refusal looks the same (ASVS 6.3.8). */
export function showLogin(
  { site, replies }: Tools,
  call: Call,
  place: Place,
  shown?: { readonly email: string; readonly problem: string; readonly status: number },
): void {
  const hint = shown?.email ?? place.loginHint
  const view = loginView(site, {
    target: call.target(place.path),
    links: {
      register: `${place.path}/register`,
      reset: `${place.path}/reset`,
      passkey: `${place.path}/passkey`,
    },
    client: place.client?.name,
    email: hint !== undefined && hint.length <= 254 ? hint : undefined,
    again: place.again,
    problem: shown?.problem,
  })
  replies.page(call.response, view, { status: shown?.status ?? 200, redirectUri: place.redirectUri })
}

/** Takes e-mail address and password. */
export async function takeLogin(tools: Tools, call: Call, place: Place, form: Form): Promise<void> {
  const { words } = tools.site
  const email = form.text('email').trim()
  const answer = await tools.accounts.signIn(email, form.text('password'), call.visit(place.client?.id))
  if (!isRefused(answer)) return advance(tools, call, place, answer, form.text('remember') === 'yes')
  // Unknown, wrong and locked are one sentence and one status; only a broken store is another.
  const broken = answer.refused === 'unavailable'
  const problem = broken ? words.refused.unavailable : words.refused.credentials
  showLogin(tools, call, place, { email, problem, status: broken ? 503 : 400 })
}

/** Goes on after a proof: to the second factor, or to where the sign-in was for. */
export async function advance(
  tools: Tools,
  call: Call,
  place: Place,
  proven: SignedIn,
  remember: boolean,
): Promise<void> {
  const { halfway: _over, ...state } = call.state()
  const { sub, secondFactors } = proven.account
  // A new id at each step: forms and cookies from before prove nothing any more.
  const next: BrowserState = { ...state, id: newStateId() }
  if (proven.secondFactorNeeded) {
    const until = tools.clock.now() + halfwayMs
    call.keep({ ...next, halfway: { place: place.key, sub, until, remember, factors: secondFactors } })
    const step = secondFactors.includes('totp') ? 'second-factor' : 'passkey'
    return tools.replies.redirect(call.response, `${place.path}/${step}`)
  }
  call.keep(next)
  tools.cookies.write(call.response, deviceCookie, proven.device, { maxAge: deviceAge })
  await place.finish(call, { sub, amr: proven.amr, remember })
}

/** The sign-in that waits for its second factor here, in this browser. */
export function halfwayOf(tools: Tools, call: Call, place: Place): BrowserState['halfway'] {
  const { halfway } = call.state()
  return halfway?.place === place.key && halfway.until > tools.clock.now() ? halfway : undefined
}
