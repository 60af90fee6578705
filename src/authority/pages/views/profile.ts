import type { Account } from '../../accounts/account.ts'
import { type FormTarget, field, form, notice, submit } from '../form.ts'
import { html } from '../html.ts'
import { inDate } from '../in-words.ts'
import type { Site, View } from '../site.ts'
import { accountFrame } from './account-frame.ts'

export interface ProfileProps {
  readonly signOut: FormTarget
  readonly account: Account
  readonly password: FormTarget
  readonly problems: {
    readonly current?: string | undefined
    readonly next?: string | undefined
    readonly form?: string | undefined
  }
  readonly done: string | undefined
}

/** Who is signed in, and the change of the password. */
export function profileView(site: Site, props: ProfileProps): View {
  const { words } = site
  const { account, problems } = props
  const problem = problems.form ?? problems.current ?? problems.next
  return accountFrame(site, {
    here: 'profile',
    title: words.account.title,
    signOut: props.signOut,
    failed: problem !== undefined,
    body: html`
${notice('done', props.done)}
<section>
<h2>${words.account.profile}</h2>
<dl class="facts">
${account.name !== undefined && html`<div><dt>${words.name}</dt><dd><bdi>${account.name}</bdi></dd></div>`}
<div><dt>${words.email}</dt><dd><bdi>${account.email}</bdi> <span class="tag">${account.emailVerified ? words.account.verified : words.account.unverified}</span></dd></div>
${account.roles.length > 0 && html`<div><dt>${words.account.roles}</dt><dd>${account.roles.join(', ')}</dd></div>`}
<div><dt>${words.account.memberSince}</dt><dd>${inDate(words.language, account.created)}</dd></div>
</dl>
</section>
<section>
<h2>${words.account.passwordTitle}</h2>
<p class="quiet">${words.account.passwordText}</p>
${notice('problem', problems.form)}
${form(props.password, [
  html`<input type="email" name="email" value="${account.email}" autocomplete="username" aria-label="${words.email}" hidden>`,
  field({
    name: 'current',
    label: words.currentPassword,
    type: 'password',
    autocomplete: 'current-password',
    problem: problems.current,
    focus: problems.current !== undefined,
  }),
  field({
    name: 'next',
    label: words.newPassword,
    hint: account.secondFactors.length > 0 ? words.passwordHintShort : words.passwordHint,
    type: 'password',
    autocomplete: 'new-password',
    problem: problems.next,
    focus: problems.next !== undefined,
  }),
  submit(words.account.passwordSubmit),
])}
</section>`,
  })
}
