import { deny } from '../../kernel/verdict.ts'
import type { Connection } from './connection.ts'
import type { Listening } from './listening.ts'
import { rejection } from './read-request.ts'

let lastRecord = 0

/** Ends a connection of an address that has too many. At most one a second goes on record: a flood is one event. */
export function refuseConnection(listening: Listening, connection: Connection): void {
  connection.closing = true
  connection.socket.destroy()
  const now = Date.now()
  if (now - lastRecord < 1000) return
  lastRecord = now
  const denial = deny('LISTEN_ADDRESS_LIMIT', 'listen.connections', 'too many connections from one address')
  listening.door.reject(rejection(connection, denial))
}
