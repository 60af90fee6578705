import { type Content, html } from '../html.ts'
import { inMoment } from '../in-words.ts'
import type { Site, View } from '../site.ts'

/** A mail as it would have been sent. */
export interface ShownMail {
  readonly to: string
  readonly subject: string
  readonly text: string
  /** Milliseconds since the epoch. */
  readonly time: number
}

/** Development: the mails of this server, newest first, with links that work. */
export function mailView({ words }: Site, props: { readonly mails: readonly ShownMail[] }): View {
  return {
    title: words.mail.title,
    width: 'wide',
    body: html`
<h1>${words.mail.title}</h1>
<p class="quiet">${words.mail.text}</p>
${props.mails.length === 0 && html`<p>${words.mail.none}</p>`}
${props.mails.map(
  (mail) => html`<article class="mail"><h2>${mail.subject}</h2>
<p class="quiet">${words.mail.to} <bdi>${mail.to}</bdi> · ${inMoment(words.language, mail.time)}</p>
<p class="letter">${linked(mail.text)}</p></article>`,
)}`,
  }
}

/** Text with its links as links. */
function linked(text: string): readonly Content[] {
  return text
    .split(/(https?:\/\/[^\s<>"]+)/)
    .map((part, index) => (index % 2 === 1 ? html`<a href="${part}">${part}</a>` : part))
}
