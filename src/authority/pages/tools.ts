import type { Clock } from '../../kernel/clock.ts'
import type { Accounts } from '../accounts/accounts.ts'
import type { Interactions } from '../interaction.ts'
import type { BrowserStates } from './http/browser-state.ts'
import type { Cookies } from './http/cookies.ts'
import type { Replies } from './http/reply.ts'
import type { Site } from './site.ts'
import type { ShownMail } from './views/mail.ts'

/** What the steps work with. Made once at start. */
export interface Tools {
  readonly site: Site
  readonly accounts: Accounts
  readonly interactions: Interactions
  readonly states: BrowserStates
  readonly cookies: Cookies
  readonly replies: Replies
  readonly clock: Clock
  /** Newest first; undefined outside development. */
  readonly mails: (() => readonly ShownMail[]) | undefined
}
