// The least a proxy does: method, path, fields and body in, status, fields and body out.
import { createServer } from 'node:http'
import { Pool } from 'undici'

const [, , port, upstream] = process.argv
const pool = new Pool(upstream, { connections: 128, pipelining: 1 })
const hop = new Set([
  'connection',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
  'te',
  'trailer',
  'proxy-connection',
])

function forwarded(raw) {
  const kept = []
  for (let i = 0; i < raw.length; i += 2) if (!hop.has(raw[i].toLowerCase())) kept.push(raw[i], raw[i + 1])
  return kept
}

const server = createServer((request, response) => {
  const body = request.method === 'GET' || request.method === 'HEAD' ? null : request
  pool.stream(
    {
      method: request.method,
      path: request.url,
      headers: forwarded(request.rawHeaders),
      body,
      responseHeaders: 'raw',
    },
    ({ statusCode, headers }) => {
      response.writeHead(statusCode, forwarded(headers))
      return response
    },
    (error) => {
      if (error === null || error === undefined) return
      if (!response.headersSent) response.writeHead(502)
      response.end()
    },
  )
})
server.keepAliveTimeout = 600_000
server.listen(Number(port), '127.0.0.1')
