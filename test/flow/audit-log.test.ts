import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, before, test } from 'node:test'
import { type RunningGateway, startGateway } from './running-gateway.ts'
import { thingsContract } from './things-contract.ts'

let gateway: RunningGateway
before(async () => {
  gateway = await startGateway({
    contract: thingsContract,
    durable: 'sqlite:events.db',
    events: 'events.jsonl',
  })
  const token = await gateway.token()
  const other = await gateway.token({ sub: '=cmd|calc' })
  for (let n = 0; n < 40; n++) {
    const authorization = `Bearer ${n % 4 === 0 ? other : token}`
    await (
      await fetch(`${gateway.url}/things/${n}`, { headers: n % 5 === 0 ? {} : { authorization } })
    ).text()
  }
  await gateway.app.close(500)
})
after(() => gateway.close().catch(() => undefined))

const program = join(import.meta.dirname, '..', '..', 'bin', 'sallyport.js')
function log(...args: string[]): { status: number | null; out: string; err: string } {
  const ran = spawnSync(process.execPath, [program, 'log', ...args], {
    cwd: gateway.folder,
    encoding: 'utf8',
    timeout: 30_000,
  })
  return { status: ran.status, out: ran.stdout, err: ran.stderr }
}

test('the log of a gateway is whole, in the store and in the file; the last record is signed', () => {
  for (const args of [[], ['--file', 'events.jsonl']]) {
    const { status, out } = log('verify', '--format', 'json', ...args)
    const report = JSON.parse(out) as {
      lines: number
      bad?: object
      runs: { unsigned: number; last: number }[]
    }
    assert.deepEqual([status, report.bad, report.runs.length], [0, undefined, 1])
    assert.deepEqual([report.lines, report.runs[0]?.last, report.runs[0]?.unsigned], [41, 40, 0])
  }
})

test('the key that is handed out verifies a copy elsewhere, another key does not', () => {
  writeFileSync(join(gateway.folder, 'log.pem'), log('key').out)
  assert.equal(log('verify', '--file', 'events.jsonl', '--key', 'log.pem').status, 0)
  writeFileSync(join(gateway.folder, 'other.pem'), readFileSync(join(gateway.folder, 'issuer.pem')))
  const { status, out } = log('verify', '--file', 'events.jsonl', '--key', 'other.pem')
  assert.equal(status, 1)
  assert.match(out, /NOT WHOLE: record 1: event 0 of run .* was not signed with this key/)
})

test('a record that somebody changed in the store is named', () => {
  const database = new DatabaseSync(join(gateway.folder, 'events.db'))
  const { event } = database.prepare('select event from events where seq = 7').get() as { event: string }
  database
    .prepare('update events set event = ? where seq = 7')
    .run(event.replace(/"status":\d+/, '"status":418'))
  const changed = log('verify')
  assert.equal(changed.status, 1)
  assert.match(changed.out, /NOT WHOLE: record 7: event 6 of run .* is not what was written/)
  database.prepare('update events set event = ? where seq = 7').run(event)
  database.prepare('delete from events where seq = 10').run()
  assert.match(log('verify').out, /record 10: event 10 of run .* 1 events before it are missing/)
  database.close()
})

test('export: JSON lines, OCSF and CSV, filtered; a cell is never a formula', () => {
  const lines = log('export', '--file', 'events.jsonl', '--denied').out.trim().split('\n')
  assert.ok(lines.length >= 7)
  for (const line of lines) assert.equal((JSON.parse(line) as { code: string }).code, 'IDENTIFY_REQUIRED')
  const ocsf = log('export', '--format', 'ocsf', '--since', '1h', '--operation', 'readThing')
    .out.trim()
    .split('\n')
  assert.ok(ocsf.length > 30)
  for (const line of ocsf) assert.equal((JSON.parse(line) as { class_uid: number }).class_uid, 6003)
  const csv = log('export', '--format', 'csv').out
  assert.match(csv, /^time,id,api,/)
  assert.match(csv, /,main,'=cmd\|calc,/)
  assert.equal(log('export', '--until', '2000-01-01').out, '')
  assert.equal(log('export', '--since', 'yesterday').status, 2)
})

test('a subject is erased; the log stays as whole as it was', () => {
  const before = log('export', '--subject', '=cmd|calc').out.trim().split('\n').length
  const erased = log('erase', '--issuer', 'main', '--subject', '=cmd|calc')
  assert.equal(erased.out, `erased who it was from ${before} events; the log stays whole\n`)
  assert.equal(log('export', '--subject', '=cmd|calc').out, '')
  assert.equal(readFileSync(join(gateway.folder, 'events.db')).includes('=cmd|calc'), false)
  // The record removed above is still the first that is missing, and nothing else is wrong before it.
  assert.match(log('verify').out, /record 10: event 10 of run/)
})
