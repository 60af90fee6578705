import type { Login } from '../../interaction.ts'
import type { Call } from '../call.ts'
import type { Tools } from '../tools.ts'

/** Gives this browser a session of a new id (ASVS 7.2.4) and puts it on the account's list. */
export async function openSession(
  { interactions, accounts }: Tools,
  call: Call,
  login: Login,
  client: string | undefined,
): Promise<void> {
  const { request, response } = call
  const before = await interactions.session(request, response)
  const session = await interactions.signIn(request, response, login)
  if (before !== undefined && (before.uid !== session.uid || before.sub !== session.sub))
    await accounts.sessions.end(before.sub, before.uid)
  await accounts.sessions.open(login.sub, login.amr, call.visit(client), session.uid)
}

/** Puts the session of an interaction that is past its login on the account's list, where it is not there yet. */
export async function listSession(
  { interactions, accounts }: Tools,
  call: Call,
  client: string,
): Promise<void> {
  const session = await interactions.session(call.request, call.response)
  if (session === undefined || (await accounts.sessions.find(session.uid)) !== undefined) return
  await accounts.sessions.open(session.sub, session.amr, call.visit(client), session.uid)
}
