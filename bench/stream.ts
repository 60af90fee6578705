// One long body each way through the whole policy: how much more memory the gateway takes while it passes.
// `node bench/stream.ts [--bytes N]`, one GB by default.
import { readFileSync } from 'node:fs'
import { type IncomingMessage, request } from 'node:http'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { parseArgs } from 'node:util'
import { freePort } from './free-port.ts'
import { loadCore, startPinned } from './pinned-process.ts'
import { host } from './scenario.ts'
import { createSite } from './site.ts'
import { startTravel } from './subjects/sallyport.ts'
import { formatTable } from './table.ts'

const { values } = parseArgs({ options: { bytes: { type: 'string', default: '1000000000' } } })
const bytes = Number(values.bytes)
const site = await createSite(1)
const upstreamPort = await freePort()
const upstream = await startPinned(
  loadCore,
  [
    process.execPath,
    join(import.meta.dirname, '..', 'examples', 'travel', 'upstream', 'main.ts'),
    '--port',
    String(upstreamPort),
  ],
  upstreamPort,
  join(site.folder, 'upstream.log'),
)
const rows: string[][] = [['', 'bytes', 'seconds', 'MB/s', 'extra MB resident']]
try {
  const port = await freePort()
  const server = await startTravel(site, port, upstreamPort, { requestBody: '4GiB' })
  try {
    await exchange(port, 'PUT', '/files/warm', 1_000_000)
    await exchange(port, 'GET', '/files/warm', 1_000_000)
    for (const method of ['PUT', 'GET'] as const) {
      const before = server.resident()
      const begin = performance.now()
      let peak = before
      const watch = setInterval(() => {
        peak = Math.max(peak, server.resident())
      }, 50)
      const passed = await exchange(port, method, '/files/big.bin', bytes)
      clearInterval(watch)
      const seconds = (performance.now() - begin) / 1000
      rows.push([
        method === 'PUT' ? 'upload' : 'download',
        String(passed),
        seconds.toFixed(1),
        (passed / 1e6 / seconds).toFixed(0),
        ((peak - before) / 1e6).toFixed(1),
      ])
    }
  } finally {
    await server.stop()
  }
} catch (error) {
  process.stderr.write(
    `bench: ${String(error)}\n${readFileSync(join(site.folder, 'upstream.log'), 'utf8')}\n`,
  )
  process.exitCode = 1
} finally {
  await upstream.stop()
  site.close()
}
process.stdout.write(`${formatTable(rows)}\n`)

/** Sends or fetches so many bytes; gives how many the other side counted. */
async function exchange(port: number, method: 'PUT' | 'GET', path: string, size: number): Promise<number> {
  const upload = method === 'PUT'
  const sent = request({
    host: '127.0.0.1',
    port,
    method,
    path,
    agent: false,
    headers: {
      host,
      authorization: `Bearer ${site.tokens[0]}`,
      ...(upload ? { 'content-type': 'application/octet-stream', 'content-length': size } : {}),
    },
  })
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    sent.once('response', resolve)
    sent.once('error', reject)
  })
  if (upload) void pipeline(Readable.from(blocks(size)), sent).catch(() => {})
  else sent.end()
  const response = await answered
  let received = 0
  let text = ''
  for await (const chunk of response) {
    received += (chunk as Buffer).length
    if (upload) text += String(chunk)
  }
  if ((response.statusCode ?? 0) >= 300) throw new Error(`${method} ${path}: ${response.statusCode} ${text}`)
  return upload ? (JSON.parse(text) as { bytes: number }).bytes : received
}

function* blocks(size: number): Generator<Buffer> {
  const block = Buffer.alloc(65536, 120)
  for (let left = size; left > 0; left -= block.length)
    yield left < block.length ? block.subarray(0, left) : block
}
