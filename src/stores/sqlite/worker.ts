import { parentPort, workerData } from 'node:worker_threads'
import { EventLog, type EventLogOptions } from './event-log.ts'
import type { Found, Request, Response } from './messages.ts'

/** The worker's side of the event store: a database, and requests answered in order. */
async function run(): Promise<void> {
  const port = parentPort
  if (port === null) throw new Error('this file runs as a worker')
  const answer = (response: Response): void => port.postMessage(response)
  let log: EventLog
  try {
    log = await EventLog.open(workerData as EventLogOptions)
  } catch (error) {
    answer({ n: 0, error: textOf(error) })
    return
  }
  port.on('message', (request: Request) => {
    handle(log, request).then(
      (found) => {
        answer(found === undefined ? { n: request.n } : { n: request.n, found })
        if (request.do === 'close') port.close()
      },
      (error: unknown) => answer({ n: request.n, error: textOf(error) }),
    )
  })
  answer({ n: 0 })
}

async function handle(log: EventLog, request: Request): Promise<Found | undefined> {
  switch (request.do) {
    case 'append':
      try {
        log.append(request.rows)
        if (request.signal !== undefined) Atomics.store(request.signal, 0, 1)
      } finally {
        if (request.signal !== undefined) Atomics.notify(request.signal, 0)
      }
      return undefined
    case 'search':
      return log.search(request.filter, request.limit, request.before, request.withinMs)
    case 'walk':
      return log.walk(request.filter, request.limit, request.after)
    case 'erase':
      log.erase(request.rows)
      return undefined
    case 'expire': {
      const { events, more } = log.expire(request.now)
      return [[events, more ? 'more' : '']]
    }
    case 'close':
      log.close()
      return undefined
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : 'a non-error was thrown'
}

await run()
