import { type FormTarget, field, form, notice, submit, tick } from '../form.ts'
import { html } from '../html.ts'
import type { Site, View } from '../site.ts'

export interface LoginProps {
  readonly target: FormTarget
  readonly links: { readonly register: string; readonly reset: string; readonly passkey: string }
  /** Name of the client that asked; undefined for the account pages. */
  readonly client: string | undefined
  readonly email: string | undefined
  /** A signed-in person is asked again. */
  readonly again: boolean
  readonly problem: string | undefined
}

/** E-mail address and password. One sentence for every reason of refusal. */
export function loginView({ words }: Site, props: LoginProps): View {
  const known = props.email !== undefined && props.email !== ''
  return {
    title: words.login.title,
    width: 'narrow',
    failed: props.problem !== undefined,
    body: html`
<h1>${words.login.title}</h1>
<p class="lead">${props.client === undefined ? words.login.toAccount : html`${words.login.to} <bdi class="client">${props.client}</bdi>`}</p>
${props.again && notice('warning', words.login.again)}
${notice('problem', props.problem)}
${form(props.target, [
  field({
    name: 'email',
    label: words.email,
    type: 'email',
    autocomplete: 'username',
    value: props.email,
    focus: !known,
  }),
  field({
    name: 'password',
    label: words.password,
    type: 'password',
    autocomplete: 'current-password',
    focus: known,
  }),
  html`<p class="aside"><a href="${props.links.reset}">${words.login.forgot}</a></p>`,
  tick('remember', 'yes', words.login.remember, false),
  submit(words.login.submit),
])}
<p class="or"><a class="button plain" href="${props.links.passkey}">${words.login.passkey}</a></p>
<p class="foot">${words.login.new} <a href="${props.links.register}">${words.login.register}</a></p>`,
  }
}
