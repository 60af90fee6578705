// An upstream with a capacity: it works on so many calls at once, each for so long, and lets the others queue without
// an end, as many servers do. `node bench/overload-upstream.ts PLACES MS`; prints its port. Time is slept, not computed,
// so the capacity does not depend on the machine.
import { createServer } from 'node:http'

const [places = 10, serviceMs = 50] = process.argv.slice(2).map(Number)
/** When each place is free again. A late timer makes no place slower: the next call begins when the last should have ended. */
const free = new Array<number>(places).fill(0)

// Work for a caller who has left is done all the same: that is what makes a flood collapse a server.
const server = createServer((_request, response) => {
  const now = performance.now()
  const place = free.indexOf(Math.min(...free))
  const done = Math.max(now, free[place] ?? 0) + serviceMs
  free[place] = done
  setTimeout(() => {
    response.setHeader('content-type', 'application/json')
    response.end('{"id":"1","name":"thing"}')
  }, done - now)
})
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  if (address !== null && typeof address === 'object') process.stdout.write(`${address.port}\n`)
})
process.on('disconnect', () => process.exit(0))
