import type { ProtocolPage } from '../../interaction.ts'
import { choice } from '../form.ts'
import { html } from '../html.ts'
import type { Site, View } from '../site.ts'

/** Asks before signing out, because any page could have sent the browser here (OpenID Connect RP-Initiated Logout §6). */
export function logoutView({ words, base }: Site, page: Extract<ProtocolPage, { kind: 'logout' }>): View {
  return {
    title: words.logout.title,
    width: 'narrow',
    body: html`
<h1>${words.logout.title}</h1>
${page.client !== undefined && html`<p class="lead"><bdi class="client">${page.client.name}</bdi> ${words.logout.asks}</p>`}
<p>${words.logout.text}</p>
<form class="stack" method="post" action="${page.action}"><input type="hidden" name="xsrf" value="${page.xsrf}">
<div class="choices">${choice('logout', 'yes', words.logout.yes, 'primary')}<a class="button plain" href="${`${base}/account`}">${words.logout.no}</a></div></form>`,
  }
}
