// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the syntax of sallyport.yaml
import Type, { type Static, type TArray, type TObject, type TString } from 'typebox'
import { file, text } from '../document/words.ts'
import type { Reading, Section } from '../reading.ts'
import { Secret } from '../secret.ts'
import { shape } from '../shape.ts'
import type { AdminConfig, ListenConfig } from '../types/listen-config.ts'
import { isLoopback, parseAddress } from '../values/parse-address.ts'

const tls = shape('Certificate and key files (PEM).', {
  certificate: file('Certificate chain of this server, PEM.'),
  key: file('Private key of the certificate, PEM. Keep it readable by the gateway alone (`chmod 600`).'),
  clientAuthorities: Type.Optional(
    file(
      'Authorities of client certificates, PEM. Where it is set, callers are asked for a certificate, and one that no authority vouches for is refused in the handshake.',
    ),
  ),
  clientRevocations: Type.Optional(
    file('Revocation lists (CRL, PEM) of the client authorities, one for each. Read again on reload.'),
  ),
})

const listener = shape('One address on which calls are taken.', {
  address: Type.String({
    format: 'address',
    description:
      'Address and port. Port 0 lets the system choose. `0.0.0.0` and `[::]` mean every interface.',
    examples: ['127.0.0.1:8080', '0.0.0.0:8443', '[::1]:8080'],
  }),
  tls: Type.Optional(
    Type.Union([Type.Literal('development'), tls], {
      description:
        'HTTPS (TLS 1.2 and 1.3, HTTP/1.1 and HTTP/2). `development` makes a local authority and a certificate at start and prints where the authority is.',
    }),
  ),
  plaintext: Type.Optional(
    Type.Literal('allow', {
      description:
        'Allows plain HTTP on an address that other machines reach. Tokens then cross the network readable: an open door, named at start.',
    }),
  ),
  redirect: Type.Optional(
    Type.Literal('https', {
      description: 'Answers every call with a 308 to the https listener; serves nothing itself.',
    }),
  ),
  decide: Type.Optional(
    Type.Union(
      [
        Type.Literal('nginx'),
        Type.Literal('forward-auth'),
        Type.Literal('envoy'),
        Type.Literal('envoy-grpc'),
      ],
      {
        description:
          'Judges calls for another data plane and forwards nothing: nginx `auth_request`, `forward_auth` of Caddy and Traefik, Envoy `ext_authz` over HTTP (`envoy`) or gRPC (`envoy-grpc`). Replies are not screened then. On loopback, or with `tls` and `clientAuthorities`: who reaches it can speak for any caller.',
      },
    ),
  ),
})

const schema = Type.Array(listener, {
  minItems: 1,
  description:
    'Where the gateway listens. Plain HTTP is served on loopback only, unless `plaintext: allow` is written.',
})

export const listenSection: Section<readonly ListenConfig[]> = {
  schema,
  read(raw, pointer, reading) {
    const entries = raw as Static<typeof schema>
    const listeners = entries.map((entry, index) => readListener(entry, `${pointer}/${index}`, reading))
    const secure = listeners.filter((listener) => listener.kind === 'tls')
    const redirectPort = (secure.find((listener) => listener.port === 443) ?? secure[0])?.port
    return listeners.map((listener) =>
      listener.kind === 'redirect' ? { ...listener, redirectPort } : listener,
    )
  },
}

function readListener(entry: Static<typeof listener>, pointer: string, reading: Reading): ListenConfig {
  const address = parseAddress(entry.address) ?? { host: '', port: 0 }
  const { decide } = entry
  const common = { address: entry.address, ...address, decide, redirectPort: undefined, pointer }
  if (decide !== undefined) checkDecide(entry, address.host, pointer, reading)
  if (entry.redirect !== undefined) {
    if (entry.tls !== undefined || entry.plaintext !== undefined)
      reading.error(
        pointer,
        'config.listener',
        'a redirect listener serves nothing itself',
        'remove `tls` and `plaintext` from it',
      )
    return { ...common, kind: 'redirect', tls: undefined, plaintext: false }
  }
  const plaintext = entry.plaintext !== undefined
  if (entry.tls === undefined) return { ...common, kind: 'plain', tls: undefined, plaintext }
  if (entry.tls === 'development') return { ...common, kind: 'tls', tls: { kind: 'development' }, plaintext }
  const { clientAuthorities: authorities, clientRevocations: revocations } = entry.tls
  if (revocations !== undefined && authorities === undefined)
    reading.error(
      `${pointer}/tls/clientRevocations`,
      'config.listener',
      'revocation lists without `clientAuthorities`: no certificate is asked for',
      'add `clientAuthorities: FILE`',
    )
  return {
    ...common,
    kind: 'tls',
    plaintext,
    tls: {
      kind: 'files',
      certificate: reading.file(entry.tls.certificate, `${pointer}/tls/certificate`),
      key: reading.file(entry.tls.key, `${pointer}/tls/key`, true),
      clientAuthorities:
        authorities === undefined ? undefined : reading.file(authorities, `${pointer}/tls/clientAuthorities`),
      clientRevocations:
        revocations === undefined ? undefined : reading.file(revocations, `${pointer}/tls/clientRevocations`),
    },
  }
}

/** Whoever reaches a decision listener says who the caller is: that must be the data plane alone. */
function checkDecide(
  { decide, redirect, tls }: Static<typeof listener>,
  host: string,
  pointer: string,
  reading: Reading,
): void {
  if (redirect !== undefined)
    reading.error(
      `${pointer}/decide`,
      'config.listener',
      'a listener either redirects or decides',
      'remove one',
    )
  const known = typeof tls === 'object' && tls.clientAuthorities !== undefined
  if (!isLoopback(host) && !known)
    reading.error(
      `${pointer}/decide`,
      'config.listener',
      'a decision listener that other machines reach must know its data plane',
      'bind it to loopback, or write `tls: { certificate, key, clientAuthorities }`',
    )
  reading.warn(
    `${pointer}/decide`,
    'open-door.decide',
    `replies to calls that ${decide} asks about are not screened: the gateway never sees them`,
  )
}

const admin = shape(
  'The operator’s address: metrics, health, audit events. Never the one that callers reach.',
  {
    address: Type.String({
      format: 'address',
      description: 'Address and port. On loopback, or with a token.',
      examples: ['127.0.0.1:9090'],
    }),
    token: Type.Optional(
      text(
        'Bearer token that every route but health then needs, at least 32 bytes. Write it as `${NAME}` or `${file:PATH}`.',
      ),
    ),
    hosts: Type.Array(Type.String({ format: 'host' }), {
      description: 'Names besides those of loopback under which it may be asked; every other is refused.',
      default: [],
    }),
    loopback: Type.Optional(
      Type.Enum(['none', 'viewer', 'operator', 'administrator'] as AdminConfig['loopback'][], {
        description:
          'What coming from this machine is worth without any credential. Default `viewer`; `none` where `token` or `issuer` is written.',
      }),
    ),
    issuer: Type.Optional(
      text(
        'Name of the issuer in `issuers` whose people sign in to the console. The accounts of the embedded server can without it.',
      ),
    ),
    audience: Type.Optional(
      text('`aud` of that issuer’s access tokens for the admin API; without it none is taken.'),
    ),
    client: Type.Optional(
      shape('The console as a client of that issuer, to sign in on its page.', {
        id: text('Client id.'),
        secret: Type.Optional(text('Client secret. Write it as `${NAME}` or `${file:PATH}`.')),
      }),
    ),
    roles: {
      ...shape('Roles of accounts and tokens that give a role here; other roles give none.', {
        viewer: roleNames('Sees everything.', 'sallyport-viewer'),
        operator: roleNames('Also responds to findings, blocks, unlocks, revokes.', 'sallyport-operator'),
        administrator: roleNames('May do everything.', 'sallyport-administrator'),
      }),
      default: {},
    } as unknown as TObject<Record<'viewer' | 'operator' | 'administrator', TArray<TString>>>,
  },
)

function roleNames(description: string, byDefault: string): TArray<TString> {
  return Type.Array(Type.String({ minLength: 1 }), { description, default: [byDefault] })
}

export const adminSection: Section<AdminConfig> = {
  schema: admin,
  read(raw, pointer, reading) {
    const entry = raw as Static<typeof admin>
    if (entry.token !== undefined && !reading.isSubstituted(`${pointer}/token`))
      reading.warn(
        `${pointer}/token`,
        'config.secret-in-file',
        'a secret is written in the configuration file',
        'write `${NAME}` or `${file:PATH}`',
      )
    return {
      address: entry.address,
      ...(parseAddress(entry.address) ?? { host: '', port: 0 }),
      token: entry.token === undefined ? undefined : new Secret(entry.token),
      hosts: entry.hosts.map((host) => host.toLowerCase()),
      loopback:
        entry.loopback ?? (entry.token === undefined && entry.issuer === undefined ? 'viewer' : 'none'),
      people: readPeople(entry, pointer, reading),
      roles: entry.roles,
      pointer,
    }
  },
}

function readPeople(
  { issuer, audience, client }: Static<typeof admin>,
  pointer: string,
  reading: Reading,
): AdminConfig['people'] {
  if (issuer === undefined) {
    for (const [name, value] of Object.entries({ audience, client }))
      if (value !== undefined)
        reading.error(
          `${pointer}/${name}`,
          'config.admin-issuer',
          `\`${name}\` says nothing without an \`issuer\``,
          'write `issuer: NAME`, a name of `issuers`',
        )
    return undefined
  }
  if (client?.secret !== undefined && !reading.isSubstituted(`${pointer}/client/secret`))
    reading.warn(
      `${pointer}/client/secret`,
      'config.secret-in-file',
      'a secret is written in the configuration file',
      'write `${NAME}` or `${file:PATH}`',
    )
  return {
    issuer,
    audience,
    client: client && {
      id: client.id,
      secret: client.secret === undefined ? undefined : new Secret(client.secret),
    },
  }
}
