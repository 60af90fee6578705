import type { Login } from '../../interaction.ts'
import type { Call } from '../call.ts'
import type { Tools } from '../tools.ts'

/**
 * Gives this browser a session of a new id (ASVS 7.2.4) and puts it on the account's list. Done before an interaction goes
 * on as well, so that who was signed in before, and as whom, makes no difference to it.
 */
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
