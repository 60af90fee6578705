import { html } from '../html.ts'
import type { Site, View } from '../site.ts'

/** Says that a mail is on its way, whether one is or not. */
export function checkMailView(
  { words, development, base }: Site,
  props: { readonly about: 'register' | 'reset'; readonly loginLink: string },
): View {
  return {
    title: words.checkMail.title,
    width: 'narrow',
    body: html`
<h1>${words.checkMail.title}</h1>
<p>${words.checkMail[props.about]}</p>
<p class="quiet">${words.checkMail.nothing}</p>
${development && html`<p class="notice warning"><a href="${`${base}/account/mail`}">${words.checkMail.development}</a></p>`}
<p class="foot"><a href="${props.loginLink}">${words.checkMail.login}</a></p>`,
  }
}
