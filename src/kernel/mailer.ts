/** One mail, plain text. */
export interface Mail {
  /** One address. */
  readonly to: string
  readonly subject: string
  /** Lines end in `\n`. May hold a one-time link: never log it. */
  readonly text: string
}

/** Hands mails over. Rejects where it could not; whether a mail arrives is never known. */
export interface Mailer {
  send(mail: Mail): Promise<void>
}
