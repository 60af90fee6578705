import type { AuthorityConfig } from '../../config/types/authority-config.ts'
import { createKeptMailer, type KeptMailer } from './kept-mailer.ts'

/** Sends mails as the configuration says. Without a mail server: kept for a page in development, refused elsewhere. */
export async function createAuthorityMailer({
  issuer,
  mail,
}: Pick<AuthorityConfig, 'issuer' | 'mail'>): Promise<KeptMailer> {
  if (mail === undefined) return createKeptMailer(new URL(issuer).protocol === 'http:')
  const { createSmtpMailer } = await import('../../outbound/create-smtp-mailer.ts')
  return { ...createSmtpMailer({ url: mail.smtp.reveal(), from: mail.from }), kept: undefined }
}
