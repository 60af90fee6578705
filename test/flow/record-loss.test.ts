import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { createSqliteEventStore } from '../../src/stores/sqlite/event-store.ts'

const child = join(import.meta.dirname, 'children', 'recorder.ts')
const root = mkdtempSync(join(tmpdir(), 'sallyport-loss-'))
after(() => rmSync(root, { recursive: true, force: true }))

const flushMs = 50
/** One write in flight, on a machine that has other work. */
const writeMs = 1000

/** Runs the child; `lives` ms after its first call it is killed, where given. Returns what it printed. */
function run(folder: string, mode: string, lives?: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const running = spawn(process.execPath, [child, folder, mode, String(flushMs)], {
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    let text = ''
    running.stdout.setEncoding('utf8')
    running.stdout.on('data', (chunk: string) => {
      if (text === '' && lives !== undefined) setTimeout(() => running.kill('SIGKILL'), lives)
      text += chunk
    })
    running.on('error', reject)
    running.on('close', () => resolve(text))
  })
}

async function storedIn(folder: string): Promise<number[]> {
  const store = await createSqliteEventStore(join(folder, 'events.db'))
  const { events } = await store.query({}, 1_000_000)
  await store.close()
  return events.map((event) => Number(event.id)).toReversed()
}

test('killed outright, it loses no event older than flushMs and one write (L07)', async (t) => {
  const lost = await Promise.all(
    [1100, 1300, 1500].map((lives) => lostWhenKilledAfter(lives + Math.random() * 200)),
  )
  t.diagnostic(`killed ${lost.length} times at about 1000 calls a second; events lost: ${lost.join(', ')}`)
})

async function lostWhenKilledAfter(lives: number): Promise<number> {
  const folder = mkdtempSync(join(root, 'kill-'))
  const printed = (await run(folder, 'forever', lives))
    .trimEnd()
    .split('\n')
    .map((line) => line.split(' ').map(Number) as [number, number])
  const stored = await storedIn(folder)
  assert.deepEqual(
    stored,
    stored.map((_, i) => i),
    'no gap, no repeat',
  )
  const end = printed.at(-1)?.[1] ?? 0
  const due = printed.filter(([, time]) => time < end - flushMs - writeMs).length
  assert.ok(due > 0 && stored.length >= due, `${stored.length} stored of ${due} due`)
  // The log holds whole lines up to where it was cut.
  const lines = readFileSync(join(folder, 'events.jsonl'), 'utf8').split('\n')
  for (const line of lines.slice(0, -1)) JSON.parse(line)
  assert.ok(lines.length - 1 >= due, `${lines.length - 1} lines of ${due} due`)
  return printed.length - stored.length
}

for (const mode of ['throw', 'exit'])
  test(`a process that ends by ${mode} loses nothing`, async () => {
    const folder = mkdtempSync(join(root, 'end-'))
    await run(folder, mode)
    const expected = Array.from({ length: 300 }, (_, i) => i)
    assert.deepEqual(await storedIn(folder), expected)
    const lines = readFileSync(join(folder, 'events.jsonl'), 'utf8').trimEnd().split('\n')
    assert.deepEqual(
      lines.map((line) => Number((JSON.parse(line) as { id: string }).id)).toSorted((a, b) => a - b),
      expected,
    )
  })
