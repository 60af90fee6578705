import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type Kysely, sql } from 'kysely'
import { Migrator } from 'kysely/migration'
import { Unusable } from '../../src/kernel/finding.ts'
import { migrateState } from '../../src/repositories/migrate.ts'
import { migrations } from '../../src/repositories/migrations.ts'
import { createRevocationRepository } from '../../src/repositories/revocation-repository.ts'
import { createPostgresEventStore } from '../../src/stores/postgres/event-store.ts'
import { migrated } from '../../src/stores/postgres/migrated.ts'
import type { PostgresOptions } from '../../src/stores/postgres/options.ts'
import { createPostgresStateStore } from '../../src/stores/postgres/state-store.ts'
import { type PostgresDatabases, startDatabases } from '../support/servers/postgres-databases.ts'
import { needsPostgres } from '../support/servers/postgres-server.ts'

describe('PostgreSQL: migrations', needsPostgres(), () => {
  let databases: PostgresDatabases
  before(async () => {
    databases = await startDatabases()
  })
  after(() => databases?.close())

  const names = Object.keys(migrations).sort()

  /** Brings a place to where a gateway had it that knew the first `count` migrations alone. */
  async function older(place: PostgresOptions, count: number): Promise<void> {
    await migrated(place, async (db) => {
      const { error } = await new Migrator({
        db,
        migrationTableName: 'state_version',
        migrationLockTableName: 'state_version_lock',
        migrationTableSchema: place.schema ?? 'public',
        provider: {
          getMigrations: async () =>
            Object.fromEntries(Object.entries(migrations).filter(([name]) => names.indexOf(name) < count)),
        },
      }).migrateToLatest()
      assert.equal(error, undefined)
    })
  }

  async function columnsOf(db: Kysely<unknown>): Promise<string[]> {
    const { rows } = await sql<{ column: string }>`
      select concat_ws(' ', table_name, column_name, data_type, is_nullable) as column
      from information_schema.columns where table_schema = current_schema() order by 1`.execute(db)
    return rows.map(({ column }) => column)
  }

  test('from every earlier version the result is the same as from nothing', async (t) => {
    const fresh = await createPostgresStateStore(databases.fresh())
    const expected = await columnsOf(fresh.db)
    await fresh.close()
    assert.ok(expected.length > 80, String(expected.length))
    for (let count = 0; count <= names.length; count++) {
      const place = databases.fresh()
      await older(place, count)
      const state = await createPostgresStateStore(place)
      assert.deepEqual(await columnsOf(state.db), expected, `from ${count}`)
      await state.close()
    }
    t.diagnostic(`${names.length + 1} versions, ${expected.length} columns`)
  })

  test('what an earlier version wrote is there afterwards', async () => {
    const place = databases.fresh()
    const count = names.indexOf('0002-revocations') + 1
    await older(place, count)
    await migrated(place, async (db) => {
      await createRevocationRepository(db).add(
        { kind: 'token', issuer: 'main', value: 'j-1', before: 1, until: 2 },
        1,
      )
    })
    const state = await createPostgresStateStore(place)
    assert.equal((await createRevocationRepository(state.db).since(0, 10))[0]?.value, 'j-1')
    await state.close()
  })

  test('gateways that start at once make the tables once', async () => {
    const place = databases.fresh()
    const opened = await Promise.all(
      Array.from({ length: 6 }, async (_, i) =>
        i % 2 === 0 ? createPostgresStateStore(place) : createPostgresEventStore(place),
      ),
    )
    await Promise.all(opened.map((store) => store.close()))
  })

  test('a database of a newer version is left alone', async () => {
    const place = databases.fresh()
    await (await createPostgresStateStore(place)).close()
    await migrated(place, async (db) => {
      await sql`insert into state_version values ('9999-future', '2030')`.execute(db)
    })
    await assert.rejects(createPostgresStateStore(place), (error) => {
      assert.ok(error instanceof Unusable)
      assert.match(error.message, /9999-future/)
      return true
    })
  })

  test('what cannot be used is said in one line, without the password', async () => {
    const place = databases.fresh()
    const wrong: readonly (readonly [Partial<PostgresOptions>, RegExp])[] = [
      [{ password: 'hunter2-wrong' }, /password authentication failed/],
      [{ port: 1 }, /ECONNREFUSED/],
      [{ database: 'nowhere' }, /"nowhere" does not exist/],
      [{ tls: { verify: true } }, /does not support SSL/],
    ]
    for (const [over, why] of wrong)
      for (const open of [createPostgresStateStore, createPostgresEventStore])
        await assert.rejects(open({ ...place, ...over }), (error) => {
          assert.ok(error instanceof Unusable)
          assert.match(error.message, why)
          assert.ok(!/[\n]|hunter2|p@ss|p%40ss/.test(JSON.stringify(error.findings)), error.message)
          return true
        })
  })

  test('migrateState twice is once', async () => {
    const place = databases.fresh()
    await migrated(place, (db) => migrateState(db, place.schema))
    await migrated(place, (db) => migrateState(db, place.schema))
  })
})
