import { type FormTarget, form, submit } from '../form.ts'
import { attributes, type Html, html } from '../html.ts'
import type { Site, View } from '../site.ts'

export type AccountPage = 'profile' | 'security' | 'sessions' | 'grants'

export interface AccountFrame {
  readonly here: AccountPage
  readonly title: string
  readonly signOut: FormTarget
  readonly body: Html
  readonly script?: boolean
  readonly failed?: boolean
}

const pages: readonly (readonly [AccountPage, string])[] = [
  ['profile', ''],
  ['security', '/security'],
  ['sessions', '/sessions'],
  ['grants', '/grants'],
]

/** The account pages' common frame: navigation, sign out, heading. */
export function accountFrame({ words, base }: Site, frame: AccountFrame): View {
  return {
    title: frame.title,
    width: 'wide',
    ...(frame.script === true ? { script: true } : {}),
    ...(frame.failed === true ? { failed: true } : {}),
    body: html`
<div class="bar"><nav aria-label="${words.account.nav}"><ul>${pages.map(
      ([page, path]) =>
        html`<li><a href="${`${base}/account${path}`}" ${attributes({ 'aria-current': page === frame.here && 'page' })}>${words.account[page]}</a></li>`,
    )}</ul></nav>
${form(frame.signOut, submit(words.account.signOut, 'plain'), 'inline')}</div>
<h1>${frame.title}</h1>
${frame.body}`,
  }
}
