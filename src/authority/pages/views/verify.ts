import { type FormTarget, form, submit } from '../form.ts'
import { html } from '../html.ts'
import type { Site, View } from '../site.ts'

/** Confirms by a click: programs that open the links of mails must not use them up. */
export function verifyView({ words }: Site, props: { readonly target: FormTarget }): View {
  return {
    title: words.verify.title,
    width: 'narrow',
    body: html`
<h1>${words.verify.title}</h1>
<p class="lead">${words.verify.text}</p>
${form(props.target, submit(words.verify.submit))}`,
  }
}
