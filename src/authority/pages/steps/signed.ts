import type { Account } from '../../accounts/account.ts'
import type { BrowserSession } from '../../interaction.ts'
import type { Call } from '../call.ts'
import type { FormTarget } from '../form.ts'
import type { Destination, Said } from '../http/browser-state.ts'
import type { Tools } from '../tools.ts'

/** Somebody who is signed in at the account pages. */
export interface Signed {
  readonly session: BrowserSession
  readonly account: Account
}

/** Path of a page that a sign-in leads to. */
export function destinationPath(base: string, to: Destination): string {
  return to === 'profile' ? `${base}/account` : `${base}/account/${to === 'passkey' ? 'passkeys/new' : to}`
}

export function signOutTarget({ site }: Tools, call: Call): FormTarget {
  return call.target(`${site.base}/account/sign-out`)
}

/** What is to be said once; and it is forgotten. */
export function takeSaid(call: Call): Said | undefined {
  const { said, ...rest } = call.state()
  if (said !== undefined) call.keep(rest)
  return said
}
