import Type, { type Static, type TSchema } from 'typebox'
import { duration, file, text } from '../document/words.ts'
import { milliseconds, type Section } from '../reading.ts'
import { fillDefaults, shape } from '../shape.ts'
import type { UpstreamConfig } from '../types/api-config.ts'
import type { CredentialMode } from '../types/identity-config.ts'

const tls = shape('How the upstream is verified. It always is.', {
  authorities: Type.Optional(
    file('Authorities that vouch for the upstream, PEM; those of the system by default.'),
  ),
  serverName: Type.Optional(
    text('Name the upstream’s certificate must have, where it is not the host of the URL.'),
  ),
})

const modes: CredentialMode[] = ['forward', 'strip', 'assert']

const upstream = shape('The API behind the gateway.', {
  url: text('http or https URL; a path in it goes before the path of every call.', {
    examples: ['http://127.0.0.1:4000'],
  }),
  timeout: duration('Until the head of the reply; then 504.', '10s'),
  connectTimeout: duration('Until a connection stands; then 504.', '2s'),
  idleTimeout: duration('Between two pieces of a body, either way.', '30s'),
  totalTimeout: duration('The whole exchange. Event streams and WebSockets have no such end.', '5min'),
  credentials: Type.Enum(modes, {
    description:
      'What becomes of the caller’s credential: `strip` removes it, `assert` puts the gateway’s own statement in its place as a bearer token, `forward` leaves it.',
    default: 'strip',
  }),
  identity: Type.Boolean({
    description:
      'Whether `Sallyport-Identity` is sent: a signed statement of who calls, valid for 60 seconds, verifiable with `/.well-known/sallyport/jwks.json`.',
    default: true,
  }),
  retries: Type.Integer({
    minimum: 0,
    maximum: 1,
    description: 'How often an idempotent call that got no byte of a reply is tried again.',
    default: 1,
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
    const authorities = entry.tls?.authorities
    return {
      url: entry.url.replace(/\/+$/, ''),
      timeout: milliseconds(entry.timeout),
      connectTimeout: milliseconds(entry.connectTimeout),
      idleTimeout: milliseconds(entry.idleTimeout),
      totalTimeout: milliseconds(entry.totalTimeout),
      credentials: entry.credentials,
      identity: entry.identity,
      retries: entry.retries === 0 ? 0 : 1,
      connections: entry.connections,
      tls: {
        authorities:
          authorities === undefined ? undefined : reading.file(authorities, `${pointer}/tls/authorities`),
        serverName: entry.tls?.serverName,
      },
      pointer: typeof raw === 'string' ? pointer : `${pointer}/url`,
    }
  },
}
