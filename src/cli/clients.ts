import { readFileSync } from 'node:fs'
import type { Authentication, ClientRegistration, Grant } from '../authority/client-registration.ts'
import type { ClientSummary, Clients } from '../authority/clients.ts'
import { printable } from '../report/printable.ts'
import { renderTable } from '../report/render-table.ts'
import { type Call, type Command, textOf, textsOf } from './command.ts'
import { Misuse } from './misuse.ts'
import { withState } from './with-state.ts'

export const clientsCommand: Command = {
  name: 'clients',
  summary: 'clients of the authorization server: create, list, show, disable, enable, rotate-secret, delete',
  help: `
Usage: sallyport clients create [ID] [options]
       sallyport clients list
       sallyport clients show|disable|enable|rotate-secret|delete ID

Works on the durable store of the configuration, also while the gateway runs: it knows within seconds.
A secret (256 bits) is shown once, on standard output; only its digest is kept.

      --name N                 what users see on the consent page
      --redirect-uri U         where the browser may be sent; compared as it stands; may be repeated
      --post-logout-uri U      the same after sign-out
      --grant G                code, refresh, client, device, exchange; may be repeated
                               (default: code and refresh with a redirect URI, else client)
      --authentication M       client_secret_basic (default), client_secret_post, private_key_jwt,
                               tls_client_auth, self_signed_tls_client_auth, none
      --scope "a b"            API scopes it may ask for
      --role R                 a role in tokens it gets for itself; may be repeated
      --verified               of your own house: consent is remembered
      --jwks FILE              its public keys
      --certificate-uri U      for tls_client_auth: SAN URI of its certificate (also --certificate-dns, -subject)
      --dpop, --mtls           its tokens are bound to a DPoP key, or to its certificate
      --audience A             an API that it is: it may introspect and exchange tokens for it; may be repeated
      --exchange-target A      an audience it may exchange tokens for; may be repeated
      --id-token-alg A         ES256 (default) or RS256
      --logout-uri U           told of sign-outs (OpenID Connect back-channel logout)
      --profile P              fapi-2.0, or oidc-basic-conformance (no PKCE: an open door, for certification alone)
      --json                   output as JSON
      --config FILE            configuration (default sallyport.yaml)
`,
  options: {
    name: { type: 'string' },
    'redirect-uri': { type: 'string', multiple: true },
    'post-logout-uri': { type: 'string', multiple: true },
    grant: { type: 'string', multiple: true },
    authentication: { type: 'string' },
    scope: { type: 'string' },
    role: { type: 'string', multiple: true },
    verified: { type: 'boolean', default: false },
    jwks: { type: 'string' },
    'certificate-uri': { type: 'string' },
    'certificate-dns': { type: 'string' },
    'certificate-subject': { type: 'string' },
    dpop: { type: 'boolean', default: false },
    mtls: { type: 'boolean', default: false },
    audience: { type: 'string', multiple: true },
    'exchange-target': { type: 'string', multiple: true },
    'id-token-alg': { type: 'string' },
    'logout-uri': { type: 'string' },
    profile: { type: 'string' },
    json: { type: 'boolean', default: false },
    config: { type: 'string', default: 'sallyport.yaml' },
  },
  async run(call) {
    const [action = '', id, ...more] = call.positionals
    const run = actions.get(action)
    if (run === undefined) throw new Misuse(`clients: write one of ${[...actions.keys()].join(', ')}`)
    if (more.length > 0) throw new Misuse(`clients ${action}: one ID at a time`)
    return withState(textOf(call.values, 'config') ?? '', 'clients', async (state, config) => {
      const { createClientAdmin } = await import('../app/admin/client-admin.ts')
      await run(call, createClientAdmin(state, config), id)
      return 0
    })
  },
}

type Action = (call: Call, clients: Clients, id: string | undefined) => Promise<void>

const actions: ReadonlyMap<string, Action> = new Map<string, Action>([
  ['create', create],
  ['list', list],
  ['show', show],
  ['disable', (call, clients, id) => change(call, id, 'disabled', clients.disable)],
  ['enable', (call, clients, id) => change(call, id, 'enabled', clients.enable)],
  ['rotate-secret', rotateSecret],
  ['delete', (call, clients, id) => change(call, id, 'deleted', clients.remove)],
])

const grantNames: readonly Grant[] = ['code', 'refresh', 'client', 'device', 'exchange']
const methods: readonly Authentication[] = [
  'client_secret_basic',
  'client_secret_post',
  'private_key_jwt',
  'tls_client_auth',
  'self_signed_tls_client_auth',
  'none',
]

async function create(call: Call, clients: Clients, id: string | undefined): Promise<void> {
  const { client, secret } = await clients.create(registrationOf(call), id)
  reveal(call, client, secret)
}

function registrationOf({ values }: Call): ClientRegistration {
  const one = (name: string): string | undefined => textOf(values, name)
  const many = (name: string): readonly string[] | undefined =>
    textsOf(values, name).length === 0 ? undefined : textsOf(values, name)
  const certificate = {
    uri: one('certificate-uri'),
    dns: one('certificate-dns'),
    subject: one('certificate-subject'),
  }
  const jwks = one('jwks')
  const all = {
    name: one('name'),
    redirectUris: many('redirect-uri'),
    postLogoutRedirectUris: many('post-logout-uri'),
    grants: many('grant')?.map((grant) => among('--grant', grant, grantNames)),
    authentication: optional('--authentication', one('authentication'), methods),
    scopes: one('scope')
      ?.split(' ')
      .filter((scope) => scope !== ''),
    roles: many('role'),
    verified: values['verified'] === true ? true : undefined,
    jwks: jwks === undefined ? undefined : readKeys(jwks),
    certificate: Object.values(certificate).some((value) => value !== undefined)
      ? withoutUndefined(certificate)
      : undefined,
    dpopBound: values['dpop'] === true ? true : undefined,
    certificateBound: values['mtls'] === true ? true : undefined,
    audiences: many('audience'),
    exchangeTargets: many('exchange-target'),
    idTokenAlgorithm: optional('--id-token-alg', one('id-token-alg'), ['ES256', 'RS256'] as const),
    backchannelLogoutUri: one('logout-uri'),
    profile: optional('--profile', one('profile'), [
      'default',
      'fapi-2.0',
      'oidc-basic-conformance',
    ] as const),
  }
  return withoutUndefined(all) as ClientRegistration
}

function withoutUndefined<T extends object>(all: T): Partial<T> {
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as Partial<T>
}

function optional<T extends string>(
  option: string,
  value: string | undefined,
  known: readonly T[],
): T | undefined {
  return value === undefined ? undefined : among(option, value, known)
}

function among<T extends string>(option: string, value: string, known: readonly T[]): T {
  const found = known.find((one) => one === value)
  if (found === undefined) throw new Misuse(`clients create: ${option} takes ${known.join(', ')}`)
  return found
}

function readKeys(file: string): { readonly keys: readonly Record<string, unknown>[] } {
  try {
    const value = JSON.parse(readFileSync(file, 'utf8')) as { keys?: unknown }
    if (Array.isArray(value.keys)) return { keys: value.keys as Record<string, unknown>[] }
    return { keys: [value as Record<string, unknown>] }
  } catch {
    throw new Misuse('clients create: --jwks takes a file with a JSON Web Key Set')
  }
}

async function rotateSecret(call: Call, clients: Clients, id: string | undefined): Promise<void> {
  const client = await find(clients, id)
  const secret = await clients.rotateSecret(client.id)
  if (secret === undefined) throw new Misuse('clients rotate-secret: this client has no secret')
  reveal(call, client, secret)
}

function reveal(call: Call, client: ClientSummary, secret: string | undefined): void {
  if (call.values['json'] === true) {
    print(call, { ...viewOf(client), ...(secret !== undefined && { secret }) })
    return
  }
  call.terminal.err(
    secret === undefined
      ? 'sallyport: the client, without a secret:\n'
      : `sallyport: secret of ${client.id}, shown this once:\n`,
  )
  call.terminal.out(`${secret === undefined ? client.id : `${client.id} ${secret}`}\n`)
}

async function list(call: Call, clients: Clients): Promise<void> {
  const all: ClientSummary[] = []
  for (let after: string | undefined; ; after = all.at(-1)?.id) {
    const page = await clients.list(500, after)
    all.push(...page)
    if (page.length < 500) break
  }
  if (call.values['json'] === true) {
    print(call, all.map(viewOf))
    return
  }
  const rows = all.map(({ id, registration, disabled }) => [
    id,
    printable(registration.name ?? ''),
    disabled ? 'disabled' : 'enabled',
    registration.authentication ?? 'client_secret_basic',
    (registration.scopes ?? []).join(' '),
    registration.profile ?? '',
  ])
  const header = ['id', 'name', 'status', 'authentication', 'scopes', 'profile']
  call.terminal.out(renderTable(header, rows, { colour: call.terminal.colourOut }))
}

async function show(call: Call, clients: Clients, id: string | undefined): Promise<void> {
  print(call, viewOf(await find(clients, id)))
}

async function change(
  call: Call,
  id: string | undefined,
  done: string,
  act: (id: string) => Promise<boolean>,
): Promise<void> {
  if (id === undefined || !(await act(id))) throw unknown()
  if (call.values['json'] === true) print(call, { id, [done]: true })
  else call.terminal.out(`${id} ${done}\n`)
}

async function find(clients: Clients, id: string | undefined): Promise<ClientSummary> {
  const client = id === undefined ? undefined : await clients.find(id)
  if (client === undefined) throw unknown()
  return client
}

function unknown(): Misuse {
  return new Misuse('clients: write the ID of a client; `sallyport clients list` shows them')
}

function viewOf({ id, registration, disabled, created, updated }: ClientSummary): Record<string, unknown> {
  return {
    id,
    disabled,
    ...registration,
    created: new Date(created).toISOString(),
    updated: new Date(updated).toISOString(),
  }
}

function print(call: Call, value: unknown): void {
  call.terminal.out(`${JSON.stringify(value, null, 2)}\n`)
}
