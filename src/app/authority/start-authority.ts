import type { Accounts } from '../../authority/accounts/accounts.ts'
import type { Authority } from '../../authority/create-authority.ts'
import type { AuthorityEvent } from '../../authority/options.ts'
import type { AuthorityConfig } from '../../config/types/authority-config.ts'
import { systemClock } from '../../kernel/clock.ts'
import { Unusable } from '../../kernel/finding.ts'
import { createAccountRepositories } from '../../repositories/account-repositories.ts'
import { createAuthorityRecords } from '../../repositories/authority-records.ts'
import { createClientRepository } from '../../repositories/clients.ts'
import { createSigningKeyRepository } from '../../repositories/signing-keys.ts'
import type { Policy } from '../policy/policy.ts'
import { provideSealer } from '../sealers.ts'
import type { Services } from '../services.ts'
import { createAuthorityMailer } from './authority-mailer.ts'
import { createAuthorityOutbound } from './authority-outbound.ts'
import { authorityResources } from './authority-resources.ts'
import { type AuthoritySocket, openAuthoritySocket } from './authority-socket.ts'

/** The authorization server with everything that belongs to it. */
export interface RunningAuthority {
  readonly authority: Authority
  readonly accounts: Accounts
  readonly socket: AuthoritySocket
  /** Under which the APIs know the server. */
  readonly issuerName: string
  /** Open doors by name. */
  readonly notes: readonly string[]
  /** The set-up link of the first start: said once. */
  readonly links: readonly string[]
  close(): Promise<void>
}

/** Starts the server of a configuration; undefined where it has none. Throws `Unusable`. */
export async function startAuthority(
  policy: Pick<Policy, 'loaded' | 'apis'>,
  services: Services,
): Promise<RunningAuthority | undefined> {
  const { config } = policy.loaded
  const { authority: written } = config
  const database = services.state.database
  if (written === undefined || database === undefined) return undefined
  const { auditEventOf, createAccounts, createAccountLinks, createAuthority, callerOf, createPages } =
    await load()
  const sealer = provideSealer(config)
  const issuerNames = config.issuers.filter((one) => one.keys.kind === 'authority').map((one) => one.name)
  const onEvent = (event: AuthorityEvent): void => {
    if (event.kind === 'keys-rotated') return
    services.log.warn(event, 'authority')
  }
  const outbound = createAuthorityOutbound(written)
  const mailer = await createAuthorityMailer(written)
  const clients = createClientRepository(database.db)
  let authority: Authority | undefined
  const accounts = createAccounts({
    repositories: createAccountRepositories(database.db),
    rates: services.rates,
    sealer,
    mailer,
    product: written.name,
    origin: new URL(written.issuer).origin,
    links: createAccountLinks(written.issuer),
    isClient: async (id) => (await clients.find(id)) !== undefined,
    defaultRoles: written.roles,
    sessionLimits: { idleMs: written.lifetimes.sessionIdle, longestMs: written.lifetimes.session },
    onEvent: (event) => {
      services.recorder.event(auditEventOf(event, issuerNames[0] ?? 'authority'))
      if (loud.has(event.kind)) services.log.warn({ kind: event.kind, detail: event.detail }, 'account')
    },
    hooks: {
      onDisabled: async (sub) => authority?.sessions.signOutEverywhere(sub),
      onSignOut: async (sub, keep) => authority?.sessions.signOutEverywhere(sub, keep),
      onSessionEnd: async (sub, id) => authority?.sessions.end(sub, id),
    },
  })
  try {
    authority = await createAuthority({
      issuer: written.issuer,
      issuerNames,
      resources: authorityResources(policy),
      accounts,
      records: createAuthorityRecords(database.db),
      clients,
      keys: createSigningKeyRepository(database.db),
      sealer,
      rates: services.rates,
      clock: systemClock,
      revocations: {
        ...services.state.revocations,
        add: (revocation) => services.revocations.revoke(revocation),
      },
      isRevoked: (token) => isRevoked(services, issuerNames, token),
      lifetimes: secondsOf(written),
      rotateMs: written.rotate,
      dpopNonceRequired: written.dpopNonce === 'required',
      fetch: outbound.fetch,
      onEvent,
    })
    authority.usePages(
      createPages({
        issuer: written.issuer,
        accounts,
        interactions: authority.interactions,
        sealer,
        caller: callerOf,
        product: written.name,
        theme: written.theme,
        ...(mailer.kept !== undefined && { mails: mailer.kept }),
        onFault: (error) =>
          onEvent({ kind: 'fault', detail: error instanceof Error ? error.message : 'unknown' }),
      }),
    )
    const socket = await openAuthoritySocket(authority, config.state)
    return {
      authority,
      accounts,
      socket,
      issuerName: issuerNames[0] ?? 'authority',
      notes: await openClients(authority),
      links: await firstLinks(accounts),
      async close() {
        authority?.close()
        await socket.close()
        await accounts.close()
        mailer.close()
        await outbound.close()
      },
    }
  } catch (error) {
    authority?.close()
    await accounts.close()
    mailer.close()
    await outbound.close()
    if (error instanceof Unusable) throw error
    const message = error instanceof Error ? error.message : 'the authorization server cannot start'
    throw new Unusable([
      { rule: 'authority.start', severity: 'error', message, place: policy.loaded.place(written.pointer) },
    ])
  }
}

/** What an operator should hear at once; all else is on record alone. */
const loud: ReadonlySet<string> = new Set(['stuffing', 'mail-failed'])

/** Loaded late: a gateway without the server does not pay for it. */
async function load() {
  const warn = console.warn
  // The protocol server's package says that a release line which is not yet LTS is none it supports; ours is tested on it.
  console.warn = (...words: unknown[]) => {
    if (!String(words[0]).includes('Unsupported runtime')) warn(...words)
  }
  try {
    const [accounts, events, links, authority, call, pages] = await Promise.all([
      import('../../authority/accounts/create-accounts.ts'),
      import('../../authority/accounts/audit-event.ts'),
      import('../../authority/accounts/account-links.ts'),
      import('../../authority/create-authority.ts'),
      import('../../authority/call.ts'),
      import('../../authority/pages/create-pages.ts'),
    ])
    return { ...accounts, ...events, ...links, ...authority, ...call, ...pages }
  } finally {
    console.warn = warn
  }
}

function secondsOf({ lifetimes }: AuthorityConfig) {
  return {
    accessToken: lifetimes.accessToken / 1000,
    refreshIdle: lifetimes.refreshToken / 1000,
    grant: lifetimes.grant / 1000,
    sessionIdle: lifetimes.sessionIdle / 1000,
    session: lifetimes.session / 1000,
  }
}

function isRevoked(
  services: Services,
  issuerNames: readonly string[],
  token: { readonly jti: string; readonly sub: string; readonly client: string; readonly issuedAt: number },
): boolean {
  const claims = { jti: token.jti, iat: token.issuedAt / 1000 }
  return issuerNames.some(
    (issuer) =>
      services.revocations.judge({ ...anonymousOf(issuer), sub: token.sub, client: token.client, claims }) !==
      undefined,
  )
}

function anonymousOf(issuer: string) {
  return { issuer, roles: [], scopes: [], amr: [], kind: 'jwt', expires: undefined, credential: '' } as const
}

/** Clients that were exempted from a rule: an open door each, by name. */
async function openClients({ clients }: Authority): Promise<readonly string[]> {
  const notes: string[] = []
  for (let after: string | undefined; ; ) {
    const page = await clients.list(500, after)
    for (const { id, registration } of page)
      if (registration.profile === 'oidc-basic-conformance')
        notes.push(`client \`${id}\` may ask for codes without PKCE (oidc-basic-conformance)`)
    if (page.length < 500) return notes
    after = page.at(-1)?.id
  }
}

/** No default account, no default password: the first start says where the first account is made. */
async function firstLinks(accounts: Accounts): Promise<readonly string[]> {
  const link = await accounts.people.createSetupToken()
  return link === undefined
    ? []
    : [`no account yet: make the first one at ${link.link} (good once, for an hour)`]
}
