// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the syntax of sallyport.yaml
import type { Static } from 'typebox'
import { text } from '../document/words.ts'
import type { Section } from '../reading.ts'
import { Secret } from '../secret.ts'
import { shape } from '../shape.ts'
import type { MailConfig } from '../types/authority-config.ts'

const schema = shape('How mails leave: confirmation of addresses, new passwords, warnings.', {
  smtp: text(
    'Mail server: `smtps://USER:PASSWORD@HOST:465`, or `smtp://…:587`, which must offer STARTTLS unless it is on this machine. Write it as `${NAME}` or `${file:PATH}` where it holds a password.',
  ),
  from: text('Sender.', { examples: ['Travel <no-reply@travel.example>'] }),
})

/** `authority.mail`. */
export const mailSection: Section<MailConfig> = {
  schema,
  read(raw, pointer, reading) {
    const { smtp, from } = raw as Static<typeof schema>
    const url = URL.parse(smtp)
    if (url === null || !/^smtps?:$/.test(url.protocol) || url.hostname === '')
      reading.error(
        `${pointer}/smtp`,
        'config.mail-server',
        'the mail server is no smtp or smtps URL',
        'write for example `smtp: "${SMTP_URL}"` with smtps://USER:PASSWORD@mail.example:465 in it',
      )
    else if (url.password !== '' && !reading.isSubstituted(`${pointer}/smtp`))
      reading.warn(
        `${pointer}/smtp`,
        'config.secret-in-file',
        'a secret is written in the configuration file',
        'write `${NAME}` or `${file:PATH}`',
      )
    if (!/^[^\r\n]*[^\s@<>]+@[^\s@<>]+>?$/.test(from))
      reading.error(
        `${pointer}/from`,
        'config.mail-sender',
        'the sender is no e-mail address',
        'write for example `from: Travel <no-reply@travel.example>`',
      )
    return { smtp: new Secret(smtp), from }
  },
}
