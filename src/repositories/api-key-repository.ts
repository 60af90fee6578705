import type { Kysely, Selectable } from 'kysely'
import type { ApiKey, ApiKeySecret, ApiKeyStore } from '../kernel/api-key.ts'
import { latestChange, nextChange } from './next-change.ts'

interface ApiKeysTable {
  id: string
  name: string
  owner: string
  scopes: string
  roles: string
  secrets: string
  created: number
  expires: number | null
  disabled: number
  revoked: number | null
  last_used: number | null
  change: number
}

interface Schema {
  api_keys: ApiKeysTable
}

const component = 'api_keys'

/** API keys in a database: digests alone, never a key. */
export function createApiKeyRepository(state: Kysely<unknown>): ApiKeyStore {
  const db = state as unknown as Kysely<Schema>

  async function find(id: string, within: Kysely<Schema>): Promise<ApiKey | undefined> {
    const row = await within.selectFrom('api_keys').selectAll().where('id', '=', id).executeTakeFirst()
    return row === undefined ? undefined : keyOf(row)
  }

  return {
    create: (key) =>
      state.transaction().execute(async (within) => {
        const change = await nextChange(within, component)
        const made = { ...key, disabled: false, revoked: undefined, lastUsed: undefined, change }
        await (within as unknown as Kysely<Schema>).insertInto('api_keys').values(rowOf(made)).execute()
        return made
      }),
    find: (id) => find(id, db),
    update: (id, decide) =>
      state.transaction().execute(async (within) => {
        const change = await nextChange(within, component)
        const here = within as unknown as Kysely<Schema>
        const known = await find(id, here)
        if (known === undefined || known.revoked !== undefined) return known
        const changed = { ...known, ...decide(known), change }
        const { secrets, disabled, revoked } = rowOf(changed)
        await here
          .updateTable('api_keys')
          .set({ secrets, disabled, revoked, change })
          .where('id', '=', id)
          .execute()
        return changed
      }),
    async changes(after, limit) {
      const latest = await latestChange(state, component)
      if (after === undefined || latest <= after) return { latest, keys: [] }
      const rows = await db
        .selectFrom('api_keys')
        .selectAll()
        .where('change', '>', after)
        .orderBy('change')
        .limit(limit)
        .execute()
      return { latest, keys: rows.map(keyOf) }
    },
    async touch(uses) {
      if (uses.size === 0) return
      await db.transaction().execute(async (within) => {
        for (const [id, time] of uses)
          await within
            .updateTable('api_keys')
            .set({ last_used: time })
            .where('id', '=', id)
            .where((eb) => eb.or([eb('last_used', 'is', null), eb('last_used', '<', time)]))
            .execute()
      })
    },
  }
}

function rowOf(key: ApiKey): ApiKeysTable {
  return {
    id: key.id,
    name: key.name,
    owner: key.owner,
    scopes: JSON.stringify(key.scopes),
    roles: JSON.stringify(key.roles),
    secrets: JSON.stringify(key.secrets),
    created: key.created,
    expires: key.expires ?? null,
    disabled: key.disabled ? 1 : 0,
    revoked: key.revoked ?? null,
    last_used: key.lastUsed ?? null,
    change: key.change,
  }
}

function keyOf(row: Selectable<ApiKeysTable>): ApiKey {
  const secrets = JSON.parse(row.secrets) as { digest: string; until?: number }[]
  return {
    id: row.id,
    name: row.name,
    owner: row.owner,
    scopes: JSON.parse(row.scopes) as string[],
    roles: JSON.parse(row.roles) as string[],
    secrets: secrets.map(({ digest, until }): ApiKeySecret => ({ digest, until })),
    created: Number(row.created),
    expires: numberOf(row.expires),
    disabled: Number(row.disabled) !== 0,
    revoked: numberOf(row.revoked),
    lastUsed: numberOf(row.last_used),
    change: Number(row.change),
  }
}

// PostgreSQL gives a bigint as text.
function numberOf(value: number | null): number | undefined {
  return value === null ? undefined : Number(value)
}
