import type { Server as HttpServer } from 'node:http'
import type { Server as HttpsServer } from 'node:https'
import { Server as NetServer } from 'node:net'

/** The longest that is waited, within the grace, for a listener at which connections do not stop to come in. */
const longestAcceptMs = 1_000
/** A connection without a call is ended after this part of the grace, so that one that is on its way is served. */
const idleShare = 0.1
const longestIdleMs = 1_000

/**
 * Stops accepting and resolves when all connections are gone. Connections that wait are taken first: the kernel resets what a
 * listener leaves. Idle ones may bring one more call for a tenth of `graceMs`, a second at most; it is answered with
 * `Connection: close`.
 */
export async function retireServers(
  servers: readonly (HttpServer | HttpsServer)[],
  graceMs: number,
): Promise<void> {
  await acceptWaiting(servers, Math.min(longestAcceptMs, graceMs))
  // Node's own `close` of an HTTP server ends connections on which nothing was read yet, too.
  const closed = Promise.all(
    servers.map(
      (server) =>
        new Promise<void>((resolve) => void NetServer.prototype.close.call(server, () => resolve())),
    ),
  )
  const idle = setInterval(
    () => {
      for (const server of servers) server.closeIdleConnections()
    },
    Math.min(longestIdleMs, graceMs * idleShare),
  )
  await closed
  clearInterval(idle)
  // What it watches its connections with ends, too.
  for (const server of servers) server.close(() => undefined)
}

/** Lets the event loop turn until no connection came in within a turn. */
async function acceptWaiting(servers: readonly NetServer[], mostMs: number): Promise<void> {
  let accepted = 0
  const count = (): void => {
    accepted++
  }
  for (const server of servers) server.on('connection', count)
  const end = performance.now() + mostMs
  let before = -1
  while (before !== accepted && performance.now() < end) {
    before = accepted
    // The first may belong to the turn that is under way.
    await turn()
    await turn()
  }
  for (const server of servers) server.off('connection', count)
}

function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}
