import { type FormTarget, field, form, notice, submit } from '../form.ts'
import { html } from '../html.ts'
import type { Site, View } from '../site.ts'

/** What is wrong with which field. */
export interface FieldProblems {
  readonly email?: string | undefined
  readonly password?: string | undefined
  /** What belongs to no field. */
  readonly form?: string | undefined
}

export function isProblematic(problems: FieldProblems): boolean {
  return problems.email !== undefined || problems.password !== undefined || problems.form !== undefined
}

export interface RegisterProps {
  readonly target: FormTarget
  readonly loginLink: string
  readonly email: string
  readonly name: string
  readonly problems: FieldProblems
}

/** A new account: address, name, password. */
export function registerView({ words }: Site, props: RegisterProps): View {
  return {
    title: words.register.title,
    width: 'narrow',
    failed: isProblematic(props.problems),
    body: html`
<h1>${words.register.title}</h1>
${notice('problem', props.problems.form)}
${form(props.target, [
  field({
    name: 'email',
    label: words.email,
    type: 'email',
    autocomplete: 'username',
    value: props.email,
    problem: props.problems.email,
    focus: props.problems.password === undefined,
  }),
  field({
    name: 'name',
    label: words.name,
    optional: words.optional,
    hint: words.register.nameHint,
    type: 'text',
    autocomplete: 'name',
    value: props.name,
    maxlength: 200,
  }),
  field({
    name: 'password',
    label: words.password,
    hint: words.passwordHint,
    type: 'password',
    autocomplete: 'new-password',
    problem: props.problems.password,
    focus: props.problems.password !== undefined,
  }),
  submit(words.register.submit),
])}
<p class="foot">${words.register.known} <a href="${props.loginLink}">${words.register.login}</a></p>`,
  }
}
