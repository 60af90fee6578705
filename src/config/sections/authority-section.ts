// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the syntax of sallyport.yaml
import Type, { type Static, type TObject } from 'typebox'
import { duration, file, listOf, oneOrMore, text } from '../document/words.ts'
import { readEncryptionKey } from '../encryption-key.ts'
import { milliseconds, type Reading, type Section } from '../reading.ts'
import { shape } from '../shape.ts'
import type { AuthorityConfig } from '../types/authority-config.ts'
import type { IssuerConfig } from '../types/identity-config.ts'
import { isLoopback } from '../values/parse-address.ts'
import { mailSection } from './mail-section.ts'

const lifetimes = shape('How long things live.', {
  accessToken: duration('Access tokens.', '10min'),
  refreshToken: duration('A refresh token that is not used.', '14d'),
  grant: duration('What a user granted, with all refresh tokens that come of it.', '90d'),
  sessionIdle: duration('A sign-in whose browser does nothing.', '24h'),
  session: duration('A sign-in as a whole.', '30d'),
})

const theme = shape('How the pages look.', {
  css: Type.Optional(file('Style sheet that is loaded after our own.')),
  logo: Type.Optional(file('SVG, PNG, WebP or JPEG.')),
})

const outbound = shape(
  'What the server calls on its own: key sets of clients (`jwks_uri`) and their back-channel sign-out, over https.',
  {
    allow: Type.Array(Type.String({ format: 'destination' }), {
      description:
        'Clients that are not on public addresses: `host:port`, or an address block. Private, loopback and special addresses are not called otherwise.',
      default: [],
      examples: [['app.internal:8443', '10.1.0.0/16']],
    }),
    authorities: Type.Optional(file('PEM of certificate authorities to trust beside the system’s.')),
  },
)

const schema = shape('The embedded OAuth 2.x / OpenID Connect server.', {
  issuer: text(
    'Its issuer URL: where listeners are reached, with a path of its own. https; http on loopback alone. All it serves is below this path.',
    { examples: ['https://api.travel.example/auth'] },
  ),
  audience: Type.Optional(
    oneOrMore(
      'Audience of the tokens for the APIs, an absolute URL. Default: the origin of the issuer. Write issuers with `keys: authority` instead where APIs need audiences of their own.',
    ),
  ),
  name: text('Name in pages, mails and authenticators.', { default: 'Sallyport' }),
  encryptionKey: Type.Optional(
    text(
      'Key that signing keys, codes, sessions and second factors are sealed with at rest: 32 random bytes or more, in base64url or hex. Write it as `${NAME}` or `${file:PATH}`. Default: a file of the `state` folder, made at first start.',
    ),
  ),
  rotate: duration('Age at which signing keys are replaced; old ones stay published for a day.', '90d'),
  scopes: Type.Record(Type.String(), Type.String({ minLength: 1 }), {
    description: 'Words for scopes on the consent page. Which scopes there are, the contracts say.',
    default: {},
    examples: [{ 'calendar:read': 'See your calendar' }],
  }),
  dpopNonce: Type.Enum(['off', 'required'] as ('off' | 'required')[], {
    description: 'Whether DPoP proofs at the token endpoint must hold a nonce of the server.',
    default: 'required',
  }),
  lifetimes: { ...lifetimes, default: {} } as typeof lifetimes,
  roles: Type.Array(text('A role.'), { description: 'Roles of those who register themselves.', default: [] }),
  theme: Type.Optional(theme),
  mail: Type.Optional(mailSection.schema as TObject),
  outbound: { ...outbound, default: {} } as typeof outbound,
})

/** `authority`. */
export const authoritySection: Section<AuthorityConfig> = {
  schema,
  read(raw, pointer, reading) {
    const entry = raw as Static<typeof schema>
    checkIssuer(entry.issuer, `${pointer}/issuer`, reading)
    return {
      issuer: entry.issuer,
      audience: entry.audience === undefined ? [originOf(entry.issuer)] : listOf(entry.audience),
      name: entry.name,
      encryptionKey: readEncryptionKey(entry.encryptionKey, `${pointer}/encryptionKey`, reading),
      rotate: milliseconds(entry.rotate),
      scopes: Object.entries(entry.scopes),
      dpopNonce: entry.dpopNonce,
      lifetimes: {
        accessToken: milliseconds(entry.lifetimes.accessToken),
        refreshToken: milliseconds(entry.lifetimes.refreshToken),
        grant: milliseconds(entry.lifetimes.grant),
        sessionIdle: milliseconds(entry.lifetimes.sessionIdle),
        session: milliseconds(entry.lifetimes.session),
      },
      roles: entry.roles,
      theme: {
        css: entry.theme?.css === undefined ? undefined : reading.path(entry.theme.css),
        logo: entry.theme?.logo === undefined ? undefined : reading.path(entry.theme.logo),
      },
      outbound: {
        allow: entry.outbound.allow,
        authorities:
          entry.outbound.authorities === undefined ? undefined : reading.path(entry.outbound.authorities),
      },
      mail: entry.mail === undefined ? undefined : mailSection.read(entry.mail, `${pointer}/mail`, reading),
      pointer,
    }
  },
}

/** The issuer of the embedded server's tokens, for configurations that write none with `keys: authority`. */
export function impliedIssuer(authority: AuthorityConfig): IssuerConfig {
  return {
    name: 'authority',
    issuer: authority.issuer,
    audience: authority.audience,
    algorithms: ['ES256'],
    keys: { kind: 'authority' },
    tokens: { kind: 'jwt' },
    types: ['at+jwt'],
    subject: 'sub',
    roles: 'roles',
    scopes: 'scope',
    client: 'client_id',
    clockTolerance: 5_000,
    dpop: 'allowed',
    dpopNonce: 'off',
    keysFresh: 45_000,
    keysStale: 3_600_000,
    signingKey: undefined,
    pointer: authority.pointer,
  }
}

function checkIssuer(issuer: string, pointer: string, reading: Reading): void {
  const url = URL.parse(issuer)
  const secure = url?.protocol === 'https:'
  const local = url?.protocol === 'http:' && isLoopback(url.hostname.replace(/^\[|\]$/g, ''))
  if (url === null || (!secure && !local)) {
    reading.error(
      pointer,
      'config.authority-issuer',
      'the issuer must be an https URL (http on loopback alone): codes and cookies would cross the network readable',
      'write for example `issuer: https://api.travel.example/auth`',
    )
    return
  }
  const plain = url.origin + url.pathname.replace(/\/$/, '')
  if (issuer !== plain || /\/\/|%/.test(url.pathname))
    reading.error(
      pointer,
      'config.authority-issuer',
      'the issuer is compared as it stands: no user name, query, fragment, capital letters in the host, default port or slash at the end',
      `write \`issuer: ${plain}\``,
    )
}

function originOf(issuer: string): string {
  return URL.parse(issuer)?.origin ?? issuer
}
