import type { ShownMail } from '../../../src/authority/pages/views/mail.ts'
import { type Clock, systemClock } from '../../../src/kernel/clock.ts'
import type { Mailer } from '../../../src/kernel/mailer.ts'

/** Takes mails and shows them instead of sending them: for development. */
export interface MailBox extends Mailer {
  /** Newest first, at most a hundred. */
  mails(): readonly ShownMail[]
}

const most = 100

export function createMailBox(clock: Clock = systemClock): MailBox {
  const kept: ShownMail[] = []
  return {
    send({ to, subject, text }) {
      kept.unshift({ to, subject, text, time: clock.now() })
      if (kept.length > most) kept.length = most
      return Promise.resolve()
    },
    mails: () => kept,
  }
}
