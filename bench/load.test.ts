import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { generateLoad } from './load.ts'

const requests = ['GET / HTTP/1.1\r\nhost: a\r\n\r\n']

async function serve(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

test('a server that stalls once is charged for every request that was due meanwhile', async () => {
  let stalled = false
  const server = createServer((_request, response) => {
    if (!stalled) {
      stalled = true
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 400)
    }
    response.end('ok')
  })
  const port = await serve(server)
  const result = await generateLoad({ port, rate: 100, seconds: 1, connections: 2, requests })
  server.close()
  assert.equal(result.sent, 100)
  assert.equal(result.failures, 0)
  // 40 of 100 requests were due during the stall: a closed loop would see two slow ones.
  assert.ok(result.p90 > 200, `p90 ${result.p90}`)
  assert.ok(result.p50 < 200, `p50 ${result.p50}`)
})

test('refusals and closed connections are failures', async () => {
  let calls = 0
  const server = createServer((request, response) => {
    calls += 1
    if (calls % 4 === 0) request.socket.destroy()
    else response.writeHead(calls % 4 === 1 ? 403 : 200).end('ok')
  })
  const port = await serve(server)
  const result = await generateLoad({ port, rate: 200, seconds: 0.2, connections: 4, requests })
  server.close()
  assert.equal(result.sent, 40)
  assert.equal(result.failures, 20)
})

test('a reply in chunks is whole at its last chunk', async () => {
  const server = createServer((_request, response) => {
    response.write('one')
    setTimeout(() => response.end('two'), 20)
  })
  const port = await serve(server)
  const result = await generateLoad({ port, rate: 50, seconds: 0.4, connections: 4, requests })
  server.close()
  assert.equal(result.failures, 0)
  assert.ok(result.p50 >= 19, `p50 ${result.p50}`)
})
