import Type, { type Static } from 'typebox'
import type { Section } from '../reading.ts'
import { shape } from '../shape.ts'
import type { CertificatesConfig } from '../types/identity-config.ts'

const subjects: CertificatesConfig['subject'][] = ['san.uri', 'san.dns', 'san.email', 'subject.cn', 'subject']

const schema = shape('Callers by client certificate (mutual TLS), such as devices and workloads.', {
  subject: Type.Enum(subjects, {
    description:
      'What of the certificate is the caller’s id. A certificate with several names of this kind, or none, is refused.',
    default: 'san.uri',
  }),
  trustDomain: Type.Optional(
    Type.String({
      pattern: '^[a-z0-9._-]{1,255}$',
      description: 'SPIFFE trust domain: every id must be `spiffe://DOMAIN/…`.',
      examples: ['travel.example'],
    }),
  ),
})

/** `certificates`. */
export const certificatesSection: Section<CertificatesConfig> = {
  schema,
  read(raw, pointer, reading) {
    const { subject, trustDomain } = raw as Static<typeof schema>
    if (trustDomain !== undefined && subject !== 'san.uri')
      reading.error(
        `${pointer}/trustDomain`,
        'config.trust-domain',
        'a SPIFFE id is a URI, and `subject` reads something else',
        'write `subject: san.uri`',
      )
    return { subject, trustDomain, pointer }
  },
}
