// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the syntax of sallyport.yaml
import Type, { type Static } from 'typebox'
import { duration, file, listOf, oneOrMore, text } from '../document/words.ts'
import { milliseconds, type Reading, type Section } from '../reading.ts'
import { Secret } from '../secret.ts'
import { shape } from '../shape.ts'
import type { Algorithm, IssuerConfig, KeyConfig, TokenConfig } from '../types/identity-config.ts'

/** The only signature algorithms there are here; `none` is not one. */
export const algorithms: readonly Algorithm[] = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
  'HS256',
  'HS384',
  'HS512',
]

const keys = Type.Object(
  {
    jwks: Type.Optional(text('JSON Web Key Set: an https URL, or a file.')),
    publicKey: Type.Optional(file('A public key or certificate, PEM.')),
    secret: Type.Optional(
      text(
        'Shared secret for HS algorithms, at least 32 bytes. Write it as `${NAME}` or `${file:PATH}`, never into the file.',
      ),
    ),
  },
  { additionalProperties: false, minProperties: 1, maxProperties: 1, description: 'One source of keys.' },
)

const introspection = shape('Opaque tokens: the issuer is asked about each (RFC 7662).', {
  introspection: text('URL of the introspection endpoint.'),
  clientId: text('Client id of the gateway at the issuer.'),
  clientSecret: text('Its secret; write it as `${NAME}` or `${file:PATH}`.'),
})

const schema = shape('Somebody who vouches for callers.', {
  issuer: text('Exact value of the token’s `iss`. No default.', { examples: ['https://id.travel.example'] }),
  audience: oneOrMore(
    'Values of which the token’s `aud` must hold one. No default: a token for somebody else is refused.',
  ),
  algorithms: Type.Optional(
    Type.Array(Type.Enum(algorithms as Algorithm[]), {
      minItems: 1,
      uniqueItems: true,
      description:
        'Signature algorithms this issuer uses. No default, except for opaque tokens, which have none; never taken from the token.',
      examples: [['ES256']],
    }),
  ),
  keys: Type.Union([Type.Literal('discovery'), Type.Literal('authority'), keys], {
    description:
      'Where the keys are. `discovery` asks `ISSUER/.well-known/openid-configuration` (and RFC 8414); `authority` means those of the embedded server.',
    default: 'discovery',
  }),
  tokens: Type.Union([Type.Literal('jwt'), introspection], { description: 'Kind of token.', default: 'jwt' }),
  types: Type.Array(text('A `typ`, or `none` for tokens without one.'), {
    minItems: 1,
    description:
      'Accepted `typ` of a token; `none` stands for a token without one. `[at+jwt]` alone is strictest (RFC 9068). A token that only says `JWT`, or nothing, is also looked through for signs of being an ID token or another kind.',
    default: ['at+jwt', 'JWT', 'none'],
  }),
  subject: text('Claim that holds the caller’s id.', { default: 'sub' }),
  roles: text('Claim that holds roles, a list or a text. A dot goes into an object: `realm_access.roles`.', {
    default: 'roles',
  }),
  scopes: text('Claim that holds scopes, a text with spaces or a list.', { default: 'scope' }),
  client: text('Claim that holds the client’s id.', { default: 'client_id' }),
  clockTolerance: duration('How much clocks may differ; at most 60s.', '30s'),
  dpop: Type.Enum(['allowed', 'required'] as ('allowed' | 'required')[], {
    description:
      'DPoP (RFC 9449). A token that is bound to a key is only ever taken with a proof; `required` refuses those that are not.',
    default: 'allowed',
  }),
  dpopNonce: Type.Enum(['off', 'required'] as ('off' | 'required')[], {
    description: 'Whether a proof must hold a nonce that the gateway gave out in the last minutes.',
    default: 'off',
  }),
  keysFresh: duration('How long a fetched key set is used before it is fetched again; at most 60s.', '45s'),
  keysStale: duration('How long a key set may serve while its source cannot be reached; then 503.', '1h'),
  signingKey: Type.Optional(
    file(
      'Private key, PEM or JWK, with which `sallyport token` signs. For development: the gateway itself never reads it while it serves.',
    ),
  ),
})

/** One issuer; `pointer` ends with its name. */
export const issuerSection: Section<IssuerConfig> = {
  schema,
  read(raw, pointer, reading) {
    const entry = raw as Static<typeof schema>
    return {
      name: pointer.slice(pointer.lastIndexOf('/') + 1),
      issuer: entry.issuer,
      audience: listOf(entry.audience),
      algorithms: entry.algorithms ?? [],
      keys: readKeys(entry.keys, `${pointer}/keys`, reading),
      tokens: readTokens(entry.tokens, `${pointer}/tokens`, reading),
      types: entry.types.map((type) => type.toLowerCase().replace(/^application\//, '')),
      subject: entry.subject,
      roles: entry.roles,
      scopes: entry.scopes,
      client: entry.client,
      clockTolerance: milliseconds(entry.clockTolerance),
      dpop: entry.dpop,
      dpopNonce: entry.dpopNonce,
      keysFresh: milliseconds(entry.keysFresh),
      keysStale: milliseconds(entry.keysStale),
      signingKey: entry.signingKey === undefined ? undefined : reading.path(entry.signingKey),
      pointer,
    }
  },
}

function readKeys(
  entry: 'discovery' | 'authority' | Static<typeof keys>,
  pointer: string,
  reading: Reading,
): KeyConfig {
  if (entry === 'discovery' || entry === 'authority') return { kind: entry }
  if (entry.secret !== undefined) {
    warnOfSecret(`${pointer}/secret`, reading)
    return { kind: 'secret', secret: new Secret(entry.secret) }
  }
  if (entry.publicKey !== undefined)
    return { kind: 'public-key', file: reading.file(entry.publicKey, `${pointer}/publicKey`) }
  const jwks = entry.jwks ?? ''
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(jwks)) return { kind: 'jwks-url', url: jwks }
  return { kind: 'jwks-file', file: reading.file(jwks, `${pointer}/jwks`) }
}

function readTokens(
  entry: 'jwt' | Static<typeof introspection>,
  pointer: string,
  reading: Reading,
): TokenConfig {
  if (entry === 'jwt') return { kind: 'jwt' }
  warnOfSecret(`${pointer}/clientSecret`, reading)
  return {
    kind: 'introspection',
    url: entry.introspection,
    clientId: entry.clientId,
    clientSecret: new Secret(entry.clientSecret),
  }
}

function warnOfSecret(pointer: string, reading: Reading): void {
  if (reading.isSubstituted(pointer)) return
  reading.warn(
    pointer,
    'config.secret-in-file',
    'a secret is written in the configuration file',
    'write `${NAME}` or `${file:PATH}`',
  )
}
