import Type, { type Static } from 'typebox'
import type { Section } from '../reading.ts'
import { shape } from '../shape.ts'
import type { ApiKeyConfig } from '../types/identity-config.ts'

const schema = shape(
  'API keys that the gateway issues (`sallyport keys`); stored as digests. They name a program, never an end user.',
  {
    header: Type.String({
      pattern: "^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}$",
      description: 'Header that carries the key; a security scheme of the contract names the same one.',
      default: 'X-API-Key',
    }),
  },
)

/** Fields with another meaning: a key in one of them would be read, changed or forwarded as something else. */
const taken: ReadonlySet<string> = new Set([
  'accept',
  'authorization',
  'connection',
  'content-length',
  'content-type',
  'cookie',
  'dpop',
  'expect',
  'forwarded',
  'host',
  'origin',
  'proxy-authorization',
  'referer',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'user-agent',
  'via',
  'x-request-id',
])

const takenPrefixes = ['sec-', 'sallyport-', 'x-forwarded'] as const

/** `keys`. */
export const apiKeySection: Section<ApiKeyConfig> = {
  schema,
  read(raw, pointer, reading) {
    const header = (raw as Static<typeof schema>).header.toLowerCase()
    if (taken.has(header) || takenPrefixes.some((prefix) => header.startsWith(prefix)))
      reading.error(
        `${pointer}/header`,
        'config.key-header',
        `the header ${reading.show(`${pointer}/header`, header)} has another meaning`,
        'write `header: X-API-Key`',
      )
    return { header, pointer }
  },
}
