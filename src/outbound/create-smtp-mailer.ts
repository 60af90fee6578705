import { createTransport } from 'nodemailer'
import type { Mailer } from '../kernel/mailer.ts'
import { OutboundError } from './outbound-error.ts'

export interface SmtpOptions {
  /** `smtps://user:password@host:465`, or `smtp://…:587`, which must offer STARTTLS unless it is on this machine. */
  readonly url: string
  /** One address, with or without a name: `Travel <no-reply@travel.example>`. */
  readonly from: string
  readonly timeoutMs?: number
}

/** Sends mails by SMTP over at most two connections. Texts only: nothing is read from files or addresses. */
export function createSmtpMailer(options: SmtpOptions): Mailer & { close(): void } {
  const url = new URL(options.url)
  const secure = url.protocol === 'smtps:'
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const timeout = options.timeoutMs ?? 10_000
  const isHere = host === 'localhost' || host === '::1' || /^127\./.test(host)
  const user = decodeURIComponent(url.username)
  const transport = createTransport({
    pool: true,
    maxConnections: 2,
    host,
    port: url.port === '' ? (secure ? 465 : 587) : Number(url.port),
    secure,
    requireTLS: !secure && !isHere,
    ...(user === '' ? {} : { auth: { user, pass: decodeURIComponent(url.password) } }),
    connectionTimeout: timeout,
    greetingTimeout: timeout,
    socketTimeout: timeout,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  return {
    async send({ to, subject, text }) {
      try {
        await transport.sendMail({
          from: options.from,
          // As an object it is one address, whatever characters are in it.
          to: { name: '', address: to },
          subject,
          text,
          headers: { 'Auto-Submitted': 'auto-generated' },
        })
      } catch (error) {
        // The cause may quote the conversation: it stays out of the message.
        throw new OutboundError('unreachable', 'the mail server did not take the mail', { cause: error })
      }
    },
    close: () => transport.close(),
  }
}
