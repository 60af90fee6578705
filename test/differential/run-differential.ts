import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { createApp } from '../../src/app/app.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import { type BackendName, startBackend } from './backends.ts'
import { canary, createRandom, mutated } from './mutate.ts'

/** What one backend made of the requests that the gate made of mutated ones. */
export interface DifferentialFigures {
  readonly backend: BackendName
  readonly sent: number
  /** Requests that the gate refused, of its own record. */
  readonly refused: number
  /** Requests that the gate passed on and got a reply to; `seen`: those that the backend put on record. */
  readonly forwarded: number
  readonly seen: number
  /** Of those seen: calls that broke off on their way, by the gate's record too. */
  readonly brokenOff: number
  /** In one record and not in the other, as `METHOD path id`, at most ten. */
  readonly onlyGate: readonly string[]
  readonly onlyBackend: readonly string[]
  /** Good requests among them, and how many got another reply than their own. */
  readonly canaries: number
  readonly crossed: number
}

const contract = `openapi: 3.1.0
info: { title: Anything, version: '1' }
paths:
  /t/{id}:
    parameters: [{ name: id, in: path, required: true, schema: { type: string } }]
    get: &read
      security: []
      parameters:
        - { name: q, in: query, schema: { type: string } }
        - { name: a, in: query, schema: { type: array, items: { type: string } } }
      responses: { '200': &any { description: any, content: { text/plain: {} } }, '204': { description: none } }
    head: *read
    delete: *read
    options: *read
    post: &write
      security: []
      requestBody: { content: { text/plain: {}, application/json: { schema: {} }, application/octet-stream: {} } }
      responses: { '200': *any, '204': { description: none } }
    put: *write
    patch: *write
`

/** How many are under way at once; one in twenty is a canary. */
const atOnce = 48
const canaryEvery = 20

/** Sends mutated requests through a gate to a backend, and compares what both put on record. `more`: see `mutated`. */
export async function runDifferential(
  backend: BackendName,
  count: number,
  seed: number,
  more: readonly string[] = [],
): Promise<DifferentialFigures> {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-differential-'))
  const server = await startBackend(backend, join(folder, 'backend'))
  try {
    writeFileSync(join(folder, 'contract.yaml'), contract)
    const log = join(folder, 'events.jsonl')
    writeFileSync(
      join(folder, 'sallyport.yaml'),
      `listen: [{ address: 127.0.0.1:0 }]
store: { durable: none }
log: { events: "${log}" }
issuers: {}
bounds: { connectionsPerAddress: 10000 }
apis:
  anything:
    contract: contract.yaml
    upstream: { url: "http://127.0.0.1:${server.port}", retries: 0 }
    controls: { injection: off }
`,
    )
    const app = await createApp(await loadConfig(join(folder, 'sallyport.yaml'), {}))
    const port = Number(new URL(app.addresses[0]?.url ?? '').port)
    let next = 0
    let canaries = 0
    let crossed = 0
    try {
      await Promise.all(
        Array.from({ length: atOnce }, async () => {
          for (let n = next++; n < count; n = next++) {
            const id = `d${seed}-${n}`
            if (n % canaryEvery === 0) {
              canaries++
              const text = await exchange(port, canary(id), 10_000)
              if (!/^HTTP\/1\.1 20[04] /.test(text) || !new RegExp(`^x-echo: ${id}\r$`, 'im').test(text))
                crossed++
            } else await exchange(port, mutated(id, createRandom(seed * 1_000_003 + n), more), 60)
          }
        }),
      )
    } finally {
      await app.close(2000)
    }
    await wait(200)
    return {
      backend,
      sent: count,
      canaries,
      crossed,
      ...compareRecords(readFileSync(log, 'utf8'), await server.seen()),
    }
  } finally {
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

interface Recorded {
  readonly id: string
  readonly method: string
  readonly path: string
  readonly status: number
  readonly code?: string
  readonly upstreamStatus?: number
}

/** Compares lines of the gate's audit log with `METHOD path id` of the backend. */
export function compareRecords(
  log: string,
  seen: readonly string[],
): Pick<DifferentialFigures, 'refused' | 'forwarded' | 'seen' | 'brokenOff' | 'onlyGate' | 'onlyBackend'> {
  const events = log
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Recorded)
  const forwarded = new Map<string, number>()
  // Of a call that broke off on its way the backend may have seen something, or nothing.
  const begun = new Map<string, number>()
  let refused = 0
  let count = 0
  for (const { id, method, path, code, upstreamStatus } of events) {
    const key = `${method} ${path} ${id}`
    if (upstreamStatus !== undefined) {
      count++
      forwarded.set(key, (forwarded.get(key) ?? 0) + 1)
    } else if (code?.startsWith('FORWARD_') === true || code === 'LISTEN_MALFORMED' || code === undefined)
      begun.set(key, (begun.get(key) ?? 0) + 1)
    if (upstreamStatus === undefined) refused++
  }
  const onlyBackend: string[] = []
  let brokenOff = 0
  for (const line of seen) {
    if (take(forwarded, line)) continue
    if (take(begun, line)) brokenOff++
    else onlyBackend.push(line)
  }
  const onlyGate = [...forwarded].filter(([, left]) => left > 0).map(([key]) => key)
  return {
    refused,
    forwarded: count,
    seen: seen.length,
    brokenOff,
    onlyGate: onlyGate.slice(0, 10),
    onlyBackend: onlyBackend.slice(0, 10),
  }
}

function take(from: Map<string, number>, key: string): boolean {
  const left = from.get(key) ?? 0
  if (left === 0) return false
  from.set(key, left - 1)
  return true
}

/** Sends bytes and reads until the other side closes or says nothing for so long. */
function exchange(port: number, bytes: Buffer, quietMs: number): Promise<string> {
  return new Promise((resolve) => {
    let text = ''
    const socket = connect({ port, host: '127.0.0.1' }, () => socket.write(bytes))
    const finish = (): void => {
      socket.destroy()
      resolve(text)
    }
    socket.setTimeout(quietMs, finish)
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1')
    })
    socket.on('end', finish)
    socket.on('error', finish)
  })
}
