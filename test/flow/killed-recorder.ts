import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { createPublicKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { verifyChain } from '../../src/stages/record/chain/verify-chain.ts'
import { createSqliteEventStore } from '../../src/stores/sqlite/event-store.ts'

const child = join(import.meta.dirname, 'children', 'recorder.ts')

export const flushMs = 50
/** One write in flight, on a machine that has other work. */
export const writeMs = 1_000
/** What was sent before the process died may still be in the buffers of the system. */
const drainMs = 300

export type SinkName = 'store' | 'file' | 'webhook' | 'syslog'

/** What became of the events of a process that was killed. */
export interface Killed {
  readonly noted: number
  /** Noted longer ago than the bound when it died: may not be lost. */
  readonly due: number
  readonly lost: Readonly<Record<SinkName, number>>
}

/** Runs the child; `lives` ms after its first call it is killed, where given. Returns what it printed. */
export function runRecorder(
  folder: string,
  mode: string,
  lives?: number,
  ports: readonly number[] = [],
): Promise<string> {
  return new Promise((resolve, reject) => {
    const running = spawn(process.execPath, [child, folder, mode, String(flushMs), ...ports.map(String)], {
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

/**
 * A recorder with a database, a file, a webhook and a syslog server, killed outright after `lives` ms. Fails where a sink has a
 * gap, lacks an event that is older than the bound, or where a chain does not verify.
 */
export async function killRecorder(folder: string, lives: number): Promise<Killed> {
  const posted: number[] = []
  const hook = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (chunk: string) => {
      body += chunk
    })
    request.on('end', () => {
      const { events } = JSON.parse(body) as { events: { id: string }[] }
      for (const { id } of events) posted.push(Number(id))
      response.end()
    })
  })
  let sent = ''
  const syslog = createTcpServer((socket) => {
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      sent += chunk
    })
    socket.on('error', () => undefined)
  })
  try {
    const ports = [await portOf(hook), await portOf(syslog)]
    const text = await runRecorder(folder, 'forever', lives, ports)
    const printed = text
      .trimEnd()
      .split('\n')
      .map((line) => line.split(' ').map(Number) as [number, number])
    await wait(drainMs)
    const end = printed.at(-1)?.[1] ?? 0
    const due = printed.filter(([, time]) => time < end - flushMs - writeMs).length
    const key = createPublicKey(readFileSync(join(folder, 'public.pem')))
    // The last line may be cut off where the process was.
    const lines = readFileSync(join(folder, 'events.jsonl'), 'utf8').split('\n').slice(0, -1)
    const store = await createSqliteEventStore(join(folder, 'events.db'))
    const stored: string[] = []
    for await (const line of store.lines({})) stored.push(line)
    await store.close()
    for (const [name, chained] of [
      ['file', lines],
      ['store', stored],
    ] as const)
      assert.equal((await verifyChain(iterate(chained), key)).bad, undefined, name)
    const arrived: Readonly<Record<SinkName, readonly number[]>> = {
      store: stored.map(idOf),
      file: lines.map(idOf),
      webhook: posted,
      syslog: [...sent.matchAll(/"id":"(\d+)"[^\n]*?"hash":/g)].map(([, id]) => Number(id)),
    }
    const lost = { store: 0, file: 0, webhook: 0, syslog: 0 }
    for (const name of ['store', 'file', 'webhook', 'syslog'] as const) {
      const ids = [...new Set(arrived[name])].sort((a, b) => a - b)
      assert.deepEqual(ids, [...ids.keys()], `${name}: no gap`)
      assert.ok(ids.length >= due, `${name}: ${ids.length} arrived of ${due} due`)
      lost[name] = Math.max(0, printed.length - ids.length)
    }
    return { noted: printed.length, due, lost }
  } finally {
    hook.close()
    hook.closeAllConnections()
    syslog.close()
  }
}

async function portOf(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

function idOf(line: string): number {
  return Number((JSON.parse(line) as { id: string }).id)
}

async function* iterate(lines: readonly string[]): AsyncGenerator<string> {
  yield* lines
}
