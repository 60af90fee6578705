import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { AuditEvent } from '../../kernel/event.ts'
import { Unusable } from '../../kernel/finding.ts'
import { createSqliteEventStore } from './event-store.ts'

const root = mkdtempSync(join(tmpdir(), 'sallyport-sqlite-'))
after(() => rmSync(root, { recursive: true, force: true }))

const events = (from: number, count: number, time = Date.now()): AuditEvent[] =>
  Array.from({ length: count }, (_, i) => ({ ...sample, id: `e${from + i}`, time, sequence: from + i }))

const sample: AuditEvent = {
  time: 0,
  sequence: 0,
  id: '',
  traceId: '',
  issuer: '',
  sub: '',
  client: undefined,
  credential: '',
  credentialKind: 'none',
  address: '192.0.2.1',
  peer: '192.0.2.1',
  protocol: '1.1',
  secure: false,
  method: 'GET',
  path: '/',
  api: '',
  operation: '',
  objects: [],
  status: 200,
  code: undefined,
  reason: undefined,
  notes: [],
  stages: [],
  bytesIn: 0,
  bytesOut: 0,
  duration: 1,
  upstreamStatus: undefined,
  failedOpen: 0,
}

test('makes its folders and files for its owner alone, and keeps events', async () => {
  const path = join(root, 'a', 'b', 'events.db')
  const first = await createSqliteEventStore(path)
  await first.append(events(0, 120))
  assert.equal(statSync(join(root, 'a')).mode & 0o777, 0o700)
  for (const file of readdirSync(join(root, 'a', 'b')))
    assert.equal(statSync(join(root, 'a', 'b', file)).mode & 0o777, 0o600, file)
  await first.close()
  const second = await createSqliteEventStore(path)
  await second.append(events(120, 1))
  assert.equal((await second.query({}, 500)).events.length, 121)
  await second.close()
})

test('two stores on one file see each other and both write', async () => {
  const path = join(root, 'shared.db')
  const [a, b] = [
    await createSqliteEventStore(path, { chunk: 16 }),
    await createSqliteEventStore(path, { chunk: 16 }),
  ]
  await Promise.all(Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? a : b).append(events(i * 10, 10))))
  assert.equal((await a.query({}, 500)).events.length, 200)
  for (const id of ['e0', 'e55', 'e199']) assert.equal((await b.query({ id }, 5)).events.length, 1, id)
  await a.close()
  await b.close()
})

const broken: readonly (readonly [string, (path: string) => void])[] = [
  [
    'a file that is no database',
    (path) => writeFileSync(path, 'this is not a database, whatever its name says'.repeat(50)),
  ],
  ['a folder', (path) => mkdirSync(path)],
  [
    'a database of a newer version',
    (path) => {
      const database = new DatabaseSync(path)
      database.exec(
        'create table schema_version (name varchar(255) primary key, timestamp varchar(255) not null)',
      )
      database.exec("insert into schema_version values ('0001-events', '2026'), ('9999-future', '2030')")
      database.close()
    },
  ],
]
for (const [name, make] of broken)
  test(`${name} is Unusable with one clear message`, async () => {
    const path = join(root, `${name.replaceAll(' ', '-')}.db`)
    make(path)
    await assert.rejects(createSqliteEventStore(path), (error) => {
      assert.ok(error instanceof Unusable)
      assert.equal(error.findings.length, 1)
      assert.ok(error.message.startsWith(`cannot use ${path} as the event store: `), error.message)
      assert.ok(!error.message.includes('\n'))
      return true
    })
  })

test('retention by rows removes whole chunks, oldest first; numbers are not used again', async () => {
  const path = join(root, 'rows.db')
  const store = await createSqliteEventStore(path, { chunk: 10, retention: { rows: 25 }, expireEveryMs: 20 })
  await store.append(events(0, 100))
  await wait(300)
  const left = (await store.query({}, 500)).events.map((event) => event.sequence)
  assert.ok(left.length >= 25 && left.length <= 35, String(left.length))
  assert.equal(left[0], 99)
  assert.equal((await store.query({ id: 'e3' }, 5)).events.length, 0)
  assert.equal((await store.query({ id: 'e95' }, 5)).events.length, 1)
  await store.append(events(100, 40))
  assert.equal((await store.query({ id: 'e120' }, 5)).events.length, 1)
  await store.close()
  const database = new DatabaseSync(path)
  const { n } = database
    .prepare('select count(*) as n from lookup where chunk not in (select chunk from chunks)')
    .get() as {
    n: number
  }
  assert.equal(n, 0)
  database.close()
})

test('retention by age', async () => {
  const store = await createSqliteEventStore(join(root, 'age.db'), {
    chunk: 10,
    retention: { ageMs: 60_000 },
    expireEveryMs: 20,
  })
  await store.append(events(0, 39, Date.now() - 120_000))
  await store.append(events(39, 20))
  await wait(300)
  const left = (await store.query({}, 500)).events.map((event) => event.sequence)
  assert.ok(left.length >= 20 && left.length < 30, String(left.length))
  await store.append(events(59, 30))
  assert.equal((await store.query({ id: 'e70' }, 5)).events.length, 1)
  await store.close()
})

test('retention that removes everything does not start numbers again', async () => {
  const store = await createSqliteEventStore(join(root, 'all.db'), {
    chunk: 10,
    retention: { ageMs: 60_000 },
    expireEveryMs: 20,
  })
  await store.append(events(0, 39, Date.now() - 120_000))
  await wait(200)
  assert.equal((await store.query({}, 500)).events.length, 0)
  await store.append(events(39, 25))
  assert.equal((await store.query({ id: 'e45' }, 5)).events.length, 1)
  assert.equal((await store.query({}, 500)).events.length, 25)
  await store.close()
})

test('an append that fails half-way stores nothing, and the next one works', async () => {
  const store = await createSqliteEventStore(':memory:')
  const batch = events(0, 120)
  const bad = [...batch.slice(0, 115), { ...sample, id: undefined as never }, ...batch.slice(115)]
  await assert.rejects(store.append(bad))
  assert.equal((await store.query({}, 500)).events.length, 0)
  await store.append(batch)
  assert.equal((await store.query({}, 500)).events.length, 120)
  await store.close()
})

test('appendSync is stored when it returns', async () => {
  const path = join(root, 'sync.db')
  const store = await createSqliteEventStore(path)
  const before = store.append(events(0, 60))
  store.appendSync(events(60, 60))
  const database = new DatabaseSync(path)
  const { n } = database.prepare('select count(*) as n from events').get() as { n: number }
  database.close()
  assert.equal(n, 120)
  await before
  await store.close()
  assert.throws(() => store.appendSync(events(0, 1)))
  await assert.rejects(store.append(events(0, 1)))
})

test('a full disk: the append rejects, nothing of it is stored, and what was there stays', {
  skip: process.platform === 'win32',
}, async (t) => {
  const folder = mkdtempSync(join(root, 'full-'))
  const script = `
    import { createSqliteEventStore } from ${JSON.stringify(new URL('./event-store.ts', import.meta.url).href)}
    const sample = ${JSON.stringify(sample)}
    const store = await createSqliteEventStore(${JSON.stringify(join(folder, 'full.db'))})
    let stored = 0, refused = 0
    for (let i = 0; i < 40; i++) {
      const batch = Array.from({ length: 50 }, (_, k) => ({ ...sample, id: String(i * 50 + k), path: '/'.repeat(2000) }))
      try { await store.append(batch); stored += 50 } catch { refused++ }
    }
    const { events } = await store.query({}, 100000)
    process.stdout.write(JSON.stringify({ stored, refused, found: events.length }))
    await store.close()`
  // A limit on the size of files is the nearest to a full disk that needs no privilege.
  const file = join(folder, 'fill.mjs')
  writeFileSync(file, script)
  const { stdout } = await promisify(execFile)('sh', [
    '-c',
    `trap '' XFSZ; ulimit -f 2000; exec "$0" "$1"`,
    process.execPath,
    file,
  ])
  const { stored, refused, found } = JSON.parse(stdout) as Record<string, number>
  t.diagnostic(`${stored} stored, ${refused} appends refused`)
  assert.ok((stored ?? 0) > 0 && (refused ?? 0) > 0)
  assert.equal(found, stored)
})

test('a database of before learns the names of its APIs: operations are found without them', async () => {
  const file = join(root, 'before.db')
  const names = ['', 'a', 'ab', 'travel', 'zoo']
  const open = () => createSqliteEventStore(file, { chunk: 16 })
  const first = await open()
  const all = events(0, 500).map((event, i) => ({
    ...event,
    api: names[i % names.length] ?? '',
    operation: i % 7 === 0 ? 'wanted' : `other${i % 3}`,
  }))
  await first.append(all)
  await first.close()
  const raw = new DatabaseSync(file)
  raw.exec("drop table apis; delete from schema_version where name = '0031-apis'")
  raw.close()
  const store = await open()
  const wanted = all.filter(({ operation }) => operation === 'wanted').map(({ id }) => id)
  for (const filter of [{ operation: 'wanted' }, { operationPrefix: 'want' }]) {
    const { events: found } = await store.query(filter, 500)
    assert.deepEqual(
      found.map(({ id }) => id),
      wanted.toReversed(),
    )
  }
  await store.close()
  const again = new DatabaseSync(file)
  const kept = again.prepare('select api from apis order by api').all()
  again.close()
  assert.deepEqual(
    kept.map((row) => row['api']),
    names,
  )
})
