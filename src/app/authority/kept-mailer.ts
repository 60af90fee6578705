import type { Mail, Mailer } from '../../kernel/mailer.ts'

/** A mail with the moment it was handed over. */
export interface KeptMail extends Mail {
  /** Milliseconds since the epoch. */
  readonly time: number
}

export interface KeptMailer extends Mailer {
  /** Newest first; undefined where mails are not kept. */
  readonly kept: (() => readonly KeptMail[]) | undefined
  close(): void
}

const most = 50

/**
 * In development mails are kept in memory and shown on a page. Elsewhere, where nothing sends mails, handing one over
 * fails: a link that nobody gets must not look as if it were on its way.
 */
export function createKeptMailer(development: boolean): KeptMailer {
  if (!development)
    return {
      kept: undefined,
      close: () => undefined,
      send: () => Promise.reject(new Error('nothing is configured that sends mails')),
    }
  const mails: KeptMail[] = []
  return {
    kept: () => mails,
    close: () => undefined,
    send(mail) {
      mails.unshift({ ...mail, time: Date.now() })
      mails.length = Math.min(mails.length, most)
      return Promise.resolve()
    },
  }
}
