import type { Step } from '../call.ts'
import type { Tools } from '../tools.ts'
import { mailView } from '../views/mail.ts'
import { messageView } from '../views/message.ts'
import { problemView } from '../views/problem.ts'

/** Account pages that need no sign-in and hold no form. */
export function openSteps({ site, replies, mails }: Tools): ReadonlyMap<string, Step> {
  const { words } = site
  const signedOut: Step = {
    get(call) {
      const everywhere = call.query.get('everywhere') === 'yes'
      const view = messageView({
        title: words.logout.doneTitle,
        text: everywhere ? words.logout.doneEverywhere : words.logout.done,
        link: { href: `${site.base}/account/login`, label: words.logout.again },
      })
      replies.page(call.response, view)
    },
  }
  if (mails === undefined) return new Map([['signed-out', signedOut]])
  const mail: Step = {
    get(call) {
      // Mails hold reset links: only this machine reads them, whatever the listener is bound to.
      if (/^(?:127\.|::1$)/.test(call.caller.address))
        return replies.page(call.response, mailView(site, { mails: mails() }))
      replies.page(call.response, problemView(site, { text: words.problem.notFound }), { status: 404 })
    },
  }
  return new Map([
    ['signed-out', signedOut],
    ['mail', mail],
  ])
}
