import { unreachable } from '../../kernel/unreachable.ts'
import type { ProtocolPage } from '../interaction.ts'
import { contentSecurityPolicy } from './http/reply.ts'
import { layout } from './layout.ts'
import type { Site, View } from './site.ts'
import { deviceCodeView } from './views/device-code.ts'
import { deviceConfirmView } from './views/device-confirm.ts'
import { logoutView } from './views/logout.ts'
import { messageView } from './views/message.ts'
import { problemView } from './views/problem.ts'

/** A page that the protocol itself shows, with its Content-Security-Policy. */
export function renderProtocolPage(
  site: Site,
  page: ProtocolPage,
): { readonly html: string; readonly csp: string } {
  const redirectUri = page.kind === 'logout' ? page.redirectUri : undefined
  return { html: layout(site, viewOf(site, page)), csp: contentSecurityPolicy(false, redirectUri) }
}

function viewOf(site: Site, page: ProtocolPage): View {
  const { words } = site
  switch (page.kind) {
    case 'error':
      return problemView(site, {
        text: page.status >= 500 ? words.problem.broken : words.problem.protocol,
        error: page.error,
        description: page.description,
      })
    case 'device-code':
      return deviceCodeView(site, page)
    case 'device-confirm':
      return deviceConfirmView(site, page)
    case 'device-done':
      return messageView({ title: words.device.doneTitle, text: words.device.done })
    case 'logout':
      return logoutView(site, page)
    case 'logged-out':
      return messageView({
        title: words.logout.doneTitle,
        text: words.logout.done,
        link: { href: `${site.base}/account/login`, label: words.logout.again },
      })
    default:
      return unreachable(page)
  }
}
