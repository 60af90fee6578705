import type { Mail } from '../../kernel/mailer.ts'

/**
 * The mails. No name that somebody typed is in them: a form must not send strangers' words to strangers.
 */
export interface Mails {
  verify(to: string, link: string): Mail
  /** To the owner of an address that somebody registers again. */
  taken(to: string): Mail
  reset(to: string, link: string): Mail
  changed(to: string, what: string): Mail
  locked(to: string): Mail
}

export function createMails(product: string): Mails {
  const mail = (to: string, subject: string, ...lines: string[]): Mail => ({
    to,
    subject: `${product}: ${subject}`,
    text: `${lines.join('\n\n')}\n`,
  })
  const ignore = 'If that was not you, there is nothing to do: without the link nothing happens.'
  const wasNotMe =
    'If that was not you, choose a new password now and sign out everywhere on your account page.'
  return {
    verify: (to, link) =>
      mail(
        to,
        'confirm your address',
        `Somebody registered at ${product} with this address. To make the account, open within 15 minutes:`,
        link,
        `${ignore} Do not open it if you did not choose the password yourself.`,
      ),
    taken: (to) =>
      mail(
        to,
        'you have an account',
        `Somebody tried to register at ${product} with this address, which has an account already.`,
        'If that was you: sign in, or choose a new password with "forgot password".',
        'If that was not you, there is nothing to do.',
      ),
    reset: (to, link) =>
      mail(
        to,
        'choose a new password',
        `Somebody asked for a new password of this account at ${product}. To choose one, open within 15 minutes:`,
        link,
        ignore,
      ),
    changed: (to, what) => mail(to, what, `Your account at ${product}: ${what}.`, wasNotMe),
    locked: (to) =>
      mail(
        to,
        'many wrong passwords',
        `Somebody tried many wrong passwords for your account at ${product}, so new devices have to wait for a while.`,
        'Devices that you have used before can still sign in. A new password takes the wait off.',
      ),
  }
}
