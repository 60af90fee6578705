import { type FormTarget, field, form, notice, submit } from '../form.ts'
import { html } from '../html.ts'
import type { Site, View } from '../site.ts'

export interface RequestResetProps {
  readonly target: FormTarget
  readonly loginLink: string
  readonly email: string
  readonly problem: string | undefined
}

/** Asks for the address that a reset link goes to. */
export function requestResetView({ words }: Site, props: RequestResetProps): View {
  return {
    title: words.requestReset.title,
    width: 'narrow',
    failed: props.problem !== undefined,
    body: html`
<h1>${words.requestReset.title}</h1>
<p class="lead">${words.requestReset.text}</p>
${notice('problem', props.problem)}
${form(props.target, [
  field({
    name: 'email',
    label: words.email,
    type: 'email',
    autocomplete: 'username',
    value: props.email,
    focus: true,
  }),
  submit(words.requestReset.submit),
])}
<p class="foot"><a href="${props.loginLink}">${words.checkMail.login}</a></p>`,
  }
}
