import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { createSqliteEventStore } from '../../src/stores/sqlite/event-store.ts'
import { killRecorder, runRecorder } from './killed-recorder.ts'

const root = mkdtempSync(join(tmpdir(), 'sallyport-loss-'))
after(() => rmSync(root, { recursive: true, force: true }))

async function storedIn(folder: string): Promise<number[]> {
  const store = await createSqliteEventStore(join(folder, 'events.db'))
  const { events } = await store.query({}, 1_000_000)
  await store.close()
  return events.map((event) => Number(event.id)).toReversed()
}

test('killed outright, no sink loses an event older than flushMs and one write, and chains verify (L07)', async (t) => {
  const killed = await Promise.all(
    [1100, 1300, 1500].map((lives) =>
      killRecorder(mkdtempSync(join(root, 'kill-')), lives + Math.random() * 200),
    ),
  )
  assert.ok(killed.every(({ due }) => due > 0))
  t.diagnostic(`killed ${killed.length} times at about 1000 calls a second: ${JSON.stringify(killed)}`)
})

for (const mode of ['throw', 'exit'])
  test(`a process that ends by ${mode} loses nothing`, async () => {
    const folder = mkdtempSync(join(root, 'end-'))
    await runRecorder(folder, mode)
    const expected = Array.from({ length: 300 }, (_, i) => i)
    assert.deepEqual(await storedIn(folder), expected)
    const lines = readFileSync(join(folder, 'events.jsonl'), 'utf8').trimEnd().split('\n')
    assert.deepEqual(
      lines.map((line) => Number((JSON.parse(line) as { id: string }).id)).toSorted((a, b) => a - b),
      expected,
    )
  })
