import type { Html } from './html.ts'
import type { Words } from './words.ts'

/** What every page shows and links to. Made once at start. */
export interface Site {
  readonly words: Words
  /** Path of the issuer without a slash at its end: `/auth`; empty where the issuer is the origin. */
  readonly base: string
  readonly assets: {
    readonly style: string
    readonly theme: string | undefined
    readonly logo: string
    /** The logo is the operator's own and says the name itself. */
    readonly named: boolean
    readonly passkeyScript: string
  }
  /** True where mails are shown on `/account/mail`. */
  readonly development: boolean
}

/** One page before it gets its frame. */
export interface View {
  readonly title: string
  readonly body: Html
  /** `narrow`: one form in the middle. `wide`: the account pages. */
  readonly width: 'narrow' | 'wide'
  /** True for a page that answers a refused form: its title says so first. */
  readonly failed?: boolean
  /** True for the passkey pages, which alone run a script. */
  readonly script?: boolean
}
