import { type FormTarget, field, form, notice, submit } from '../form.ts'
import { html } from '../html.ts'
import type { Site, View } from '../site.ts'
import { type FieldProblems, isProblematic } from './register.ts'

export interface SetUpProps {
  readonly target: FormTarget
  readonly email: string
  readonly problems: FieldProblems
}

/** The first account, by the link that the first start printed. */
export function setUpView({ words }: Site, props: SetUpProps): View {
  return {
    title: words.setUp.title,
    width: 'narrow',
    failed: isProblematic(props.problems),
    body: html`
<h1>${words.setUp.title}</h1>
<p class="lead">${words.setUp.text}</p>
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
    name: 'password',
    label: words.password,
    hint: words.passwordHint,
    type: 'password',
    autocomplete: 'new-password',
    problem: props.problems.password,
    focus: props.problems.password !== undefined,
  }),
  submit(words.setUp.submit),
])}`,
  }
}
