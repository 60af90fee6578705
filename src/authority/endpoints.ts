/** Paths of the protocol below the issuer, as the discovery document names them. */
export const routes = {
  authorization: '/authorize',
  code_verification: '/device',
  device_authorization: '/device_authorization',
  end_session: '/logout',
  introspection: '/introspect',
  jwks: '/jwks',
  pushed_authorization_request: '/par',
  revocation: '/revoke',
  token: '/token',
  userinfo: '/userinfo',
} as const

/** One endpoint: what its path looks like, its name on record, and what may be done there. */
export interface Endpoint {
  readonly name: string
  readonly methods: readonly string[]
  /** Answered by the pages, not by the protocol. */
  readonly page: boolean
  /** A client posts a form here: no query, small body. */
  readonly back: boolean
  /** A browser comes with the parameters of a request, in the query or in a form that it posts. */
  readonly front: boolean
}

interface Row extends Endpoint {
  /** Path below the issuer; a `*` at its end stands for one more segment, `**` for any rest. */
  readonly path: string
}

const get = ['GET', 'HEAD'] as const
const post = ['POST', 'OPTIONS'] as const
const form = ['GET', 'HEAD', 'POST'] as const

const protocol = (name: string, path: string, methods: readonly string[]): Row => ({
  name,
  path,
  methods,
  page: false,
  back: methods === post,
  front: false,
})
const front = (name: string, path: string): Row => ({ ...protocol(name, path, form), front: true })
const page = (name: string, path: string, methods: readonly string[]): Row => ({
  name,
  path,
  methods,
  page: true,
  back: false,
  front: false,
})

const rows: readonly Row[] = [
  front('authorization', routes.authorization),
  protocol('resume', `${routes.authorization}/*`, get),
  protocol('token', routes.token, post),
  protocol('par', routes.pushed_authorization_request, post),
  protocol('introspection', routes.introspection, post),
  protocol('revocation', routes.revocation, post),
  protocol('userinfo', routes.userinfo, ['GET', 'HEAD', 'POST', 'OPTIONS']),
  protocol('jwks', routes.jwks, ['GET', 'HEAD', 'OPTIONS']),
  protocol('device-authorization', routes.device_authorization, post),
  protocol('device', routes.code_verification, form),
  protocol('device-resume', `${routes.code_verification}/*`, get),
  front('logout', routes.end_session),
  protocol('logout-confirm', `${routes.end_session}/confirm`, ['POST']),
  protocol('logout-success', `${routes.end_session}/success`, get),
  protocol('discovery', '/.well-known/openid-configuration', ['GET', 'HEAD', 'OPTIONS']),
  protocol('discovery', '/.well-known/oauth-authorization-server', ['GET', 'HEAD', 'OPTIONS']),
  page('interaction', '/interaction/**', form),
  page('account', '/account', form),
  page('account', '/account/**', form),
  page('assets', '/assets/**', get),
]

/** Endpoint names in the order of the table, without repeats. */
export const endpointNames: readonly string[] = [...new Set(rows.map((row) => row.name))]

const exact = new Map(rows.filter((row) => !row.path.endsWith('*')).map((row) => [row.path, row]))
const below = rows.filter((row) => row.path.endsWith('*'))

/** The endpoint at a path below the issuer (`/token`); undefined where there is none. */
export function findEndpoint(path: string): Endpoint | undefined {
  const found = exact.get(path)
  if (found !== undefined) return found
  return below.find((row) => {
    const deep = row.path.endsWith('**')
    const prefix = row.path.slice(0, deep ? -2 : -1)
    if (!path.startsWith(prefix) || path.length === prefix.length) return false
    return deep || !path.includes('/', prefix.length)
  })
}

/** The issuer's path, empty for the root: `https://a.example/auth` → `/auth`. */
export function mountOf(issuer: string): string {
  return new URL(issuer).pathname.replace(/\/$/, '')
}

/**
 * The path below the issuer of a request path, or undefined where it is not the server's. Both well-known forms are
 * understood: behind the issuer's path (OpenID Connect Discovery) and before it (RFC 8414 section 3).
 */
export function placeOf(mount: string, path: string): string | undefined {
  for (const document of ['/.well-known/openid-configuration', '/.well-known/oauth-authorization-server'])
    if (path === document + mount) return document
  if (mount === '') return path
  if (path === mount) return '/'
  return path.startsWith(`${mount}/`) ? path.slice(mount.length) : undefined
}
