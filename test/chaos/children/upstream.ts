// The API behind the gate. Says each request on standard output before it answers: `METHOD path`. Killed, it has said all
// that it was asked. Takes its mode by IPC. `node upstream.ts PORT`.
import { writeSync } from 'node:fs'
import { createServer } from 'node:http'

type Mode = 'good' | 'slow' | 'reset' | 'broken'
let mode: Mode = 'good'
process.on('message', (next: Mode) => {
  mode = next
})
process.on('disconnect', () => process.exit(0))

const thing = '{"id":"1","name":"thing"}'
const server = createServer((request, response) => {
  writeSync(1, `${request.method} ${request.url}\n`)
  request.resume()
  switch (mode) {
    case 'reset':
      return void request.socket.resetAndDestroy()
    case 'broken':
      // A reply that ends before it is over.
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': 500 })
      response.write(thing)
      return void setTimeout(() => request.socket.destroy(), 5)
    case 'slow':
      return void setTimeout(answer, 3000)
    default:
      answer()
  }
  function answer(): void {
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(thing)
  }
})
server.listen(Number(process.argv[2]), '127.0.0.1', () => writeSync(1, 'ready\n'))
