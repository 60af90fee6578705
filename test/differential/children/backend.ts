// A Node backend that puts on record what it was asked: `METHOD target id`, or BAD. `node backend.ts PORT LOG`.
import { appendFileSync } from 'node:fs'
import { createServer } from 'node:http'

const [port = '0', log = ''] = process.argv.slice(2)
const server = createServer((request, response) => {
  const id = String(request.headers['x-request-id'] ?? '-')
  appendFileSync(log, `${request.method} ${request.url} ${id}\n`)
  request.resume()
  request.on('end', () => {
    response.writeHead(200, { 'content-type': 'text/plain', 'x-echo': id })
    response.end('ok')
  })
})
server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
  // A connection that ends in the middle of a body is no other request.
  if (error.code !== 'ECONNRESET' && error.code !== 'HPE_INVALID_EOF_STATE') appendFileSync(log, 'BAD - -\n')
  socket.destroy()
})
server.keepAliveTimeout = 600_000
server.listen(Number(port), '127.0.0.1')
