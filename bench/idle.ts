// Resident memory of idle keep-alive connections: `node bench/idle.ts [--connections N] [--only NAME]`.
// Every connection makes one call, stays open, and proves at the end that it still works.
import { connect, type Socket } from 'node:net'
import { parseArgs } from 'node:util'
import { freePort } from './free-port.ts'
import { loadCore } from './pinned-process.ts'
import { host, scenarios } from './scenario.ts'
import { createSite } from './site.ts'
import { startBackend } from './subjects/nginx.ts'
import { nodeHttp } from './subjects/node-peers.ts'
import { sallyport } from './subjects/sallyport.ts'
import { formatTable } from './table.ts'
import { saturate } from './wrk.ts'

const { values } = parseArgs({
  options: { connections: { type: 'string', default: '10000' }, only: { type: 'string' } },
})
const count = Number(values.connections)
const site = await createSite(8)
const backendPort = await freePort()
const backend = await startBackend(site, loadCore, backendPort)
const rows: string[][] = [['', 'connections', 'still working', 'KB/connection', 'MB before', 'MB after']]
try {
  for (const subject of [nodeHttp, sallyport]) {
    if (values.only !== undefined && values.only !== subject.name) continue
    const port = await freePort()
    const server = await subject.start(site, port, backendPort)
    try {
      // A worked-in heap: what grows after this is the connections' own.
      const [get] = scenarios
      if (get !== undefined) await saturate(site, get, port, 3)
      const before = server.resident()
      const sockets: Socket[] = []
      for (let open = 0; open < count; open += 100)
        sockets.push(
          ...(await Promise.all(Array.from({ length: Math.min(100, count - open) }, () => dial(port)))),
        )
      await new Promise((resolve) => setTimeout(resolve, 2000))
      const after = server.resident()
      let working = 0
      for (const socket of sockets)
        working += (await call(socket).catch(() => '')).startsWith('HTTP/1.1 200') ? 1 : 0
      for (const socket of sockets) socket.destroy()
      rows.push([
        subject.title,
        String(sockets.length),
        String(working),
        ((after - before) / sockets.length / 1024).toFixed(1),
        (before / 1e6).toFixed(0),
        (after / 1e6).toFixed(0),
      ])
    } finally {
      await server.stop()
    }
  }
} finally {
  await backend.stop()
  site.close()
}
process.stdout.write(`${formatTable(rows)}\n`)

async function dial(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1' })
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve)
    socket.once('error', reject)
  })
  socket.on('error', () => {})
  await call(socket)
  return socket
}

function call(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    const limit = setTimeout(() => reject(new Error('no answer within 10 s')), 10_000)
    const end = (): void => {
      clearTimeout(limit)
      socket.removeAllListeners('data').removeAllListeners('close')
    }
    socket.once('close', () => {
      end()
      reject(new Error('closed'))
    })
    socket.on('data', (chunk: Buffer) => {
      end()
      resolve(chunk.toString('latin1'))
    })
    const token = site.tokens[0] ?? ''
    socket.write(
      `GET ${scenarios[0]?.path} HTTP/1.1\r\nhost: ${host}\r\naccept: application/json\r\nauthorization: Bearer ${token}\r\n\r\n`,
    )
  })
}
