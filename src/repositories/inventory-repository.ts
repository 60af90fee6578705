import type { Kysely } from 'kysely'
import type { InventoryStore, Sighting } from '../kernel/inventory.ts'

interface InventoryTables {
  readonly inventory: {
    readonly kind: string
    readonly api: string
    readonly name: string
    /** Grows with each write: two processes that read the same do not both write. */
    readonly version: number
    readonly sighting: string
  }
}

/** How often a row that others write at the same time is tried. */
const tries = 8

/** What was seen, at rest: shapes and counts, no value of any call. */
export function createInventoryRepository(state: Kysely<unknown>): InventoryStore {
  const db = state as Kysely<InventoryTables>

  async function addOne(
    seen: Sighting,
    merge: (kept: Sighting, seen: Sighting) => Sighting,
  ): Promise<Sighting> {
    const { kind, api, name } = seen
    for (let n = 0; n < tries; n++) {
      const row = await db
        .selectFrom('inventory')
        .select(['version', 'sighting'])
        .where('kind', '=', kind)
        .where('api', '=', api)
        .where('name', '=', name)
        .executeTakeFirst()
      const kept = row === undefined ? undefined : parse(row.sighting)
      const next = kept === undefined ? seen : merge(kept, seen)
      const sighting = JSON.stringify(next)
      if (row === undefined) {
        const { numInsertedOrUpdatedRows } = await db
          .insertInto('inventory')
          .values({ kind, api, name, version: 1, sighting })
          .onConflict((conflict) => conflict.columns(['kind', 'api', 'name']).doNothing())
          .executeTakeFirst()
        if (Number(numInsertedOrUpdatedRows) === 1) return next
      } else {
        const { numUpdatedRows } = await db
          .updateTable('inventory')
          .set({ version: row.version + 1, sighting })
          .where('kind', '=', kind)
          .where('api', '=', api)
          .where('name', '=', name)
          .where('version', '=', row.version)
          .executeTakeFirst()
        if (Number(numUpdatedRows) === 1) return next
      }
    }
    throw new Error('a row of the inventory is written by others all the time')
  }

  return {
    async load() {
      const rows = await db.selectFrom('inventory').select('sighting').execute()
      return rows.map(({ sighting }) => parse(sighting)).filter((one) => one !== undefined)
    },
    async add(sightings, merge) {
      const kept: Sighting[] = []
      for (const seen of sightings) kept.push(await addOne(seen, merge))
      return kept
    },
    async forget(sightings) {
      for (const { kind, api, name } of sightings)
        await db
          .deleteFrom('inventory')
          .where('kind', '=', kind)
          .where('api', '=', api)
          .where('name', '=', name)
          .execute()
    },
  }
}

/** A row that cannot be read is begun anew. */
function parse(text: string): Sighting | undefined {
  try {
    return JSON.parse(text) as Sighting
  } catch {
    return undefined
  }
}
