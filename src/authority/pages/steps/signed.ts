import type { IncomingMessage, ServerResponse } from 'node:http'
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

/** Who is signed in, by a session that still counts: not idle for too long, not too old, not ended elsewhere. */
export async function findSigned(
  { interactions, accounts }: Tools,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<Signed | undefined> {
  const session = await interactions.session(request, response)
  const live = session && (await accounts.sessions.find(session.uid))
  if (session === undefined || live?.sub !== session.sub) return undefined
  const account = await accounts.find(session.sub)
  return account === undefined || account.disabled ? undefined : { session, account }
}
