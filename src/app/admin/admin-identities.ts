import type { ClientReply, KeyReply, LockReply, RevocationRequest } from '../../admin/contract.ts'
import type { Changed, Identities } from '../../admin/identity-routes.ts'
import { type ClientRegistration, grants } from '../../authority/client-registration.ts'
import type { ClientSummary } from '../../authority/clients.ts'
import type { Config } from '../../config/config.ts'
import type { AdminConfig } from '../../config/types/listen-config.ts'
import type { ApiKey } from '../../kernel/api-key.ts'
import type { LimitLock } from '../../kernel/limit-lock.ts'
import type { RunningAuthority } from '../authority/start-authority.ts'
import type { Services } from '../services.ts'
import { flawOf, issueApiKey } from '../state/api-keys.ts'
import { adminAccounts } from './admin-accounts.ts'

/** As long as a credential that was issued before could live: see `sallyport tokens revoke`. */
const revokedMs = 366 * 86_400_000
/** What is read of a store at once while what has ended is skipped. */
const page = 1_000

/** `config`: as it is now. */
export function createAdminIdentities(
  admin: AdminConfig,
  config: () => Config,
  services: Services,
  running: RunningAuthority | undefined,
): Identities {
  const { apiKeys, locks } = services.state
  const told = (done: boolean | undefined): Changed => (done === true ? 'done' : 'none')
  return {
    ...adminAccounts(admin, services, running),
    clients: {
      async list(limit, after) {
        const found = await running?.authority.clients.list(limit + 1, after)
        if (found === undefined) return undefined
        const items = found.slice(0, limit).map(clientOf)
        const last = items.at(-1)
        return { items, ...(found.length > limit && last !== undefined && { next: last.id }) }
      },
      change: async (id, what) => told(await running?.authority.clients[what](id)),
    },
    keys: {
      async list(limit, after) {
        const { keys } = await apiKeys.changes(numberOf(after), limit + 1)
        const items = keys.slice(0, limit)
        const last = items.at(-1)
        return {
          items: items.map((key) => keyOf(key, Date.now())),
          ...(keys.length > limit && last !== undefined && { next: String(last.change) }),
        }
      },
      async create({ name, owner, scopes, roles, expires }) {
        const now = Date.now()
        const end = expires === undefined ? undefined : Date.parse(expires)
        if (end !== undefined && !(end > now)) return undefined
        const request = { name, owner, scopes, roles, expires: end }
        if (flawOf(request) !== undefined) return undefined
        const { key, text } = await issueApiKey(apiKeys, request, now)
        return { key: keyOf(key, now), text }
      },
      async change(id, what) {
        const known = await apiKeys.find(id)
        if (known === undefined) return 'none'
        if (known.revoked !== undefined) return what === 'revoke' ? 'done' : 'conflict'
        const patch = what === 'revoke' ? { revoked: Date.now() } : { disabled: what === 'disable' }
        return told((await apiKeys.update(id, () => patch)) !== undefined)
      },
    },
    locks: {
      async list(limit, after) {
        if (locks === undefined) return undefined
        const now = Date.now()
        const open: LimitLock[] = []
        let change = numberOf(after)
        for (let more = true; more && open.length <= limit; ) {
          const rows = await locks.since(change, page)
          open.push(...rows.filter(({ until }) => until > now))
          change = rows.at(-1)?.change ?? change
          more = rows.length === page
        }
        const items = open.slice(0, limit)
        const last = items.at(-1)
        return {
          items: items.map(lockOf),
          ...(open.length > limit && last !== undefined && { next: String(last.change) }),
        }
      },
      open: async (id) => told(((await locks?.clear([id], Date.now())) ?? 0) > 0),
    },
    async revoke(request) {
      const issuer = issuerFor(request, config())
      if (issuer === 'unknown') return false
      const now = Date.now()
      const { subject, client, tokenId = '' } = request
      await services.revocations.revoke({
        kind: subject !== undefined ? 'subject' : client !== undefined ? 'client' : 'token',
        issuer: issuer.name,
        value: subject ?? client ?? tokenId,
        before: now,
        until: now + revokedMs,
      })
      return true
    },
  }
}

/** A subject is somebody only at its issuer; where there is but one, that one is meant. */
function issuerFor(
  { issuer, subject }: RevocationRequest,
  { issuers, keys, certificates }: Config,
): { readonly name: string | undefined } | 'unknown' {
  const names = [
    ...issuers.map(({ name }) => name),
    ...(keys === undefined ? [] : ['keys']),
    ...(certificates === undefined ? [] : ['certificates']),
  ]
  if (issuer !== undefined) return names.includes(issuer) ? { name: issuer } : 'unknown'
  if (subject === undefined) return { name: undefined }
  return names.length === 1 ? { name: names[0] } : 'unknown'
}

function clientOf({ id, registration, disabled, created, updated }: ClientSummary): ClientReply {
  return {
    id,
    name: registration.name ?? null,
    disabled,
    grantTypes: grantTypesOf(registration),
    redirectUris: registration.redirectUris ?? [],
    scopes: registration.scopes ?? [],
    created: new Date(created).toISOString(),
    updated: new Date(updated).toISOString(),
  }
}

function grantTypesOf({ grants: written, redirectUris = [] }: ClientRegistration): readonly string[] {
  const meant = written ?? (redirectUris.length > 0 ? (['code', 'refresh'] as const) : (['client'] as const))
  return meant.map((grant) => grants[grant])
}

function keyOf(key: ApiKey, now: number): KeyReply {
  return {
    id: key.id,
    name: key.name,
    owner: key.owner,
    scopes: key.scopes,
    roles: key.roles,
    state:
      key.revoked !== undefined
        ? 'revoked'
        : key.disabled
          ? 'disabled'
          : key.expires !== undefined && key.expires <= now
            ? 'expired'
            : 'active',
    created: new Date(key.created).toISOString(),
    expires: timeOf(key.expires),
    lastUsed: timeOf(key.lastUsed),
  }
}

function lockOf(lock: LimitLock): LockReply {
  return {
    id: lock.key,
    api: lock.api,
    limit: lock.limit,
    created: new Date(lock.created).toISOString(),
    until: new Date(lock.until).toISOString(),
  }
}

function timeOf(ms: number | undefined): string | null {
  return ms === undefined ? null : new Date(ms).toISOString()
}

/** A cursor comes back from outside: what is none begins anew. */
function numberOf(after: string | undefined): number {
  return /^\d{1,15}$/.test(after ?? '') ? Number(after) : 0
}
