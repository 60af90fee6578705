import type { Login } from '../interaction.ts'
import type { Call } from './call.ts'

/** Where somebody signs in: an interaction of a client, or the account pages. */
export interface Place {
  /** Path of the login page; the other steps are below it. */
  readonly path: string
  /** What a sign-in that is half done counts for. */
  readonly key: string
  readonly client: { readonly id: string; readonly name: string } | undefined
  readonly redirectUri: string | undefined
  readonly loginHint: string | undefined
  /** Somebody is signed in here and is asked again. */
  readonly again: boolean
  /** Goes on after the proof of who it is; ends the response. */
  finish(call: Call, login: Login): Promise<void>
}
