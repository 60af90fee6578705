import type { AuthorityConfig } from '../../config/types/authority-config.ts'
import { createSmtpMailer } from '../../outbound/create-smtp-mailer.ts'
import { createKeptMailer, type KeptMailer } from './kept-mailer.ts'

/** Sends mails as the configuration says. Without a mail server: kept for a page in development, refused elsewhere. */
export function createAuthorityMailer({
  issuer,
  mail,
}: Pick<AuthorityConfig, 'issuer' | 'mail'>): KeptMailer {
  if (mail === undefined) return createKeptMailer(new URL(issuer).protocol === 'http:')
  return { ...createSmtpMailer({ url: mail.smtp.reveal(), from: mail.from }), kept: undefined }
}
