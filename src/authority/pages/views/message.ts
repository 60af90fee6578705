import { html } from '../html.ts'
import type { View } from '../site.ts'

export interface MessageProps {
  readonly title: string
  readonly text: string
  readonly link?: { readonly href: string; readonly label: string } | undefined
}

/** Something is done; and where to go from here. */
export function messageView(props: MessageProps): View {
  return {
    title: props.title,
    width: 'narrow',
    body: html`
<h1>${props.title}</h1>
<p role="status">${props.text}</p>
${props.link !== undefined && html`<p class="actions"><a class="button primary" href="${props.link.href}">${props.link.label}</a></p>`}`,
  }
}
