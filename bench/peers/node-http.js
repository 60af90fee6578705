// Answers the bench's calls itself; the request body is read and dropped.
import { createServer } from 'node:http'
import { scenarios } from '../scenario.ts'

const replies = new Map(
  scenarios.map(({ path, reply }) => [path, { ...reply, length: Buffer.byteLength(reply.body) }]),
)

const server = createServer((request, response) => {
  const reply = replies.get(request.url)
  request.resume()
  request.on('end', () => {
    response.writeHead(reply?.status ?? 404, {
      'content-type': 'application/json',
      'content-length': reply?.length ?? 0,
    })
    response.end(reply?.body ?? '')
  })
})
server.keepAliveTimeout = 600_000
server.listen(Number(process.argv[2]), '127.0.0.1')
