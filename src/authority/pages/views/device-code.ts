import type { ProtocolPage } from '../../interaction.ts'
import { field, submit } from '../form.ts'
import { html } from '../html.ts'
import type { Site, View } from '../site.ts'

/** Asks for the code that a device shows (RFC 8628 §3.3). */
export function deviceCodeView({ words }: Site, page: Extract<ProtocolPage, { kind: 'device-code' }>): View {
  const problem = page.problem === undefined ? undefined : words.device.problems[page.problem]
  return {
    title: words.device.title,
    width: 'narrow',
    failed: problem !== undefined,
    body: html`
<h1>${words.device.title}</h1>
<p class="lead">${words.device.text}</p>
<form class="stack" method="post" action="${page.action}" novalidate><input type="hidden" name="xsrf" value="${page.xsrf}">
${field({
  name: 'user_code',
  label: words.device.code,
  type: 'text',
  autocomplete: 'off',
  problem,
  focus: true,
  maxlength: 40,
})}
${submit(words.device.submit)}</form>`,
  }
}
