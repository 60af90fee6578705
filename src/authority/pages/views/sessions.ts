import type { SessionView } from '../../accounts/account.ts'
import { type FormTarget, form, notice, submit } from '../form.ts'
import { html } from '../html.ts'
import { inBrowser, inMoment } from '../in-words.ts'
import type { Site, View } from '../site.ts'
import { accountFrame } from './account-frame.ts'

export interface SessionsProps {
  readonly signOut: FormTarget
  readonly sessions: readonly SessionView[]
  readonly end: FormTarget
  readonly endAll: FormTarget
  readonly done: string | undefined
}

/** Where the account is signed in, with sign-out of one and of all. */
export function sessionsView(site: Site, props: SessionsProps): View {
  const { words } = site
  const { sessions, language } = words
  return accountFrame(site, {
    here: 'sessions',
    title: sessions.title,
    signOut: props.signOut,
    body: html`
${notice('done', props.done)}
<section>
<p class="quiet">${sessions.text}</p>
<ul class="rows">${props.sessions.map((session) => {
      const browser = inBrowser(session.userAgent)
      return html`<li><div><strong><bdi>${browser}</bdi></strong>${session.current && html` <span class="tag">${sessions.current}</span>`}
<p class="quiet">${sessions.lastSeen} ${inMoment(language, session.lastSeen)} · <bdi>${session.address}</bdi> · ${sessions.since} ${inMoment(language, session.created)}</p></div>
${
  !session.current &&
  form(
    props.end,
    html`<input type="hidden" name="id" value="${session.id}"><button class="plain" type="submit" aria-label="${`${sessions.end}: ${browser}, ${session.address}`}">${sessions.end}</button>`,
    'inline',
  )
}</li>`
    })}</ul>
</section>
<section>
<h2>${sessions.endAll}</h2>
<p class="quiet">${sessions.endAllText}</p>
${form(props.endAll, submit(sessions.endAll, 'danger'))}
</section>`,
  })
}
