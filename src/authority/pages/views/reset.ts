import { type FormTarget, field, form, submit } from '../form.ts'
import { html } from '../html.ts'
import type { Site, View } from '../site.ts'

/** A new password by the link of a mail. */
export function resetView(
  { words }: Site,
  props: { readonly target: FormTarget; readonly problem: string | undefined },
): View {
  return {
    title: words.reset.title,
    width: 'narrow',
    failed: props.problem !== undefined,
    body: html`
<h1>${words.reset.title}</h1>
<p class="lead">${words.reset.text}</p>
${form(props.target, [
  field({
    name: 'password',
    label: words.newPassword,
    hint: words.passwordHint,
    type: 'password',
    autocomplete: 'new-password',
    problem: props.problem,
    focus: true,
  }),
  submit(words.reset.submit),
])}`,
  }
}
