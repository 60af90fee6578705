import Type, { type Static, type TSchema } from 'typebox'
import type { CredentialMode, UpstreamConfig } from './config.ts'
import { milliseconds, type Section } from './reading.ts'
import { fillDefaults, shape } from './shape.ts'
import { duration, file, text } from './words.ts'

const tls = shape('How the upstream is verified. It always is.', {
  authorities: Type.Optional(
    file('Authorities that vouch for the upstream, PEM; those of the system by default.'),
  ),
  certificate: Type.Optional(file('Client certificate for the upstream, PEM.')),
  key: Type.Optional(file('Its private key, PEM.')),
  serverName: Type.Optional(
    text('Name the upstream’s certificate must have, where it is not the host of the URL.'),
  ),
})

const modes: CredentialMode[] = ['forward', 'strip', 'assert']

const upstream = shape('The API behind the gateway.', {
  url: text('http or https URL; a path in it goes before the path of every call.', {
    examples: ['http://127.0.0.1:4000'],
  }),
  timeout: duration('Until the head of the reply; then 504.', '30s'),
  connectTimeout: duration('Until a connection stands; then 502.', '5s'),
  idleTimeout: duration('Between two pieces of a reply.', '60s'),
  credentials: Type.Enum(modes, {
    description:
      'What becomes of the caller’s credentials. `assert`: removed, and `Sallyport-Identity`, a signed statement of who calls, is sent instead. `forward`: sent on, with the statement. `strip`: removed, nothing is sent instead.',
    default: 'assert',
  }),
  retries: Type.Integer({
    minimum: 0,
    maximum: 5,
    description:
      'How often a call is tried again after a connection that failed; safe methods without a body only.',
    default: 0,
  }),
  connections: Type.Integer({
    minimum: 1,
    maximum: 10_000,
    description: 'Connections kept to it at most.',
    default: 256,
  }),
  tls: Type.Optional(tls),
})

/** `upstream` of an API: a URL, or an object. */
export const upstreamSchema: TSchema = Type.Union([text('URL of the API.'), upstream], {
  description: 'Where the API is: a URL, or an object with more to say.',
})

export const upstreamSection: Section<UpstreamConfig> = {
  schema: upstreamSchema,
  read(raw, pointer, reading) {
    const given: unknown = typeof raw === 'string' ? { url: raw } : raw
    fillDefaults(upstream, given)
    const entry = given as Static<typeof upstream>
    const named = (key: 'authorities' | 'certificate' | 'key'): string | undefined => {
      const name = entry.tls?.[key]
      return name === undefined ? undefined : reading.file(name, `${pointer}/tls/${key}`, key === 'key')
    }
    return {
      url: entry.url.replace(/\/+$/, ''),
      timeout: milliseconds(entry.timeout),
      connectTimeout: milliseconds(entry.connectTimeout),
      idleTimeout: milliseconds(entry.idleTimeout),
      credentials: entry.credentials,
      retries: entry.retries,
      connections: entry.connections,
      tls: {
        authorities: named('authorities'),
        certificate: named('certificate'),
        key: named('key'),
        serverName: entry.tls?.serverName,
      },
      pointer: typeof raw === 'string' ? pointer : `${pointer}/url`,
    }
  },
}
