import type { ProtocolPage } from '../../interaction.ts'
import { choice, notice } from '../form.ts'
import { html } from '../html.ts'
import { inBrowser } from '../in-words.ts'
import type { Site, View } from '../site.ts'

/** Asks whether the code is the one on the user's own device: the guard against codes sent by others (RFC 8628 §5.4). */
export function deviceConfirmView(
  { words }: Site,
  page: Extract<ProtocolPage, { kind: 'device-confirm' }>,
): View {
  return {
    title: words.device.confirmTitle,
    width: 'narrow',
    body: html`
<h1>${words.device.confirmTitle}</h1>
<p class="user-code">${page.shown}</p>
<p><bdi class="client">${page.client.name}</bdi> ${words.device.wants}</p>
${!page.client.verified && notice('warning', words.consent.unverified)}
<p>${words.device.compare}</p>
${page.address !== undefined && html`<p class="quiet">${words.device.from} <bdi>${page.address}</bdi>${page.userAgent !== undefined && html`, <bdi>${inBrowser(page.userAgent)}</bdi>`}</p>`}
<form class="stack" method="post" action="${page.action}"><input type="hidden" name="xsrf" value="${page.xsrf}"><input type="hidden" name="user_code" value="${page.userCode}">
<div class="choices">${choice('confirm', 'yes', words.device.yes, 'primary')}${choice('abort', 'yes', words.device.no, 'plain')}</div></form>`,
  }
}
