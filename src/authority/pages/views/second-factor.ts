import { type FormTarget, field, form, submit } from '../form.ts'
import { html } from '../html.ts'
import type { Site, View } from '../site.ts'

export interface SecondFactorProps {
  readonly target: FormTarget
  readonly passkeyLink: string | undefined
  readonly restartLink: string
  readonly problem: string | undefined
}

/** A code of the authenticator app, or a recovery code. */
export function secondFactorView({ words }: Site, props: SecondFactorProps): View {
  return {
    title: words.secondFactor.title,
    width: 'narrow',
    failed: props.problem !== undefined,
    body: html`
<h1>${words.secondFactor.title}</h1>
<p class="lead">${words.secondFactor.text}</p>
${form(props.target, [
  field({
    name: 'code',
    label: words.secondFactor.code,
    hint: words.secondFactor.codeHint,
    type: 'text',
    autocomplete: 'one-time-code',
    problem: props.problem,
    focus: true,
    maxlength: 64,
  }),
  submit(words.secondFactor.submit),
])}
${props.passkeyLink !== undefined && html`<p class="or"><a class="button plain" href="${props.passkeyLink}">${words.secondFactor.passkey}</a></p>`}
<p class="foot"><a href="${props.restartLink}">${words.secondFactor.restart}</a></p>`,
  }
}
