import { randomBytes } from 'node:crypto'
import { type Call, type Route, readJson, sendJson, sendProblem } from '../call.ts'

function listBookings({ response, database, sub, query }: Call): void {
  const rows = database
    .prepare('SELECT * FROM bookings WHERE userId = ? ORDER BY date DESC LIMIT ?')
    .all(sub, Number(query.get('limit') ?? 20))
  sendJson(response, 200, rows.map(asBooking))
}

// OWASP API6:2023, unrestricted access to a sensitive flow: one caller may hold every seat there is.
async function createBooking({ request, response, database, sub }: Call): Promise<void> {
  const body = await readJson(request)
  const id = `bk_${BigInt(`0x${randomBytes(10).toString('hex')}`)
    .toString(36)
    .padStart(12, '0')
    .slice(-12)}`
  const made = database
    .prepare('INSERT INTO bookings VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING *')
    .get(
      id,
      // OWASP API3:2023, mass assignment: the body may name another owner, and the price.
      String(body['userId'] ?? sub),
      String(body['from']),
      String(body['to']),
      String(body['date']),
      String(body['cabin'] ?? 'economy'),
      JSON.stringify(body['travellers'] ?? []),
      String(body['note'] ?? ''),
      Number(body['amount'] ?? 19900),
      'EUR',
      'held',
      3900,
    )
  sendJson(response, 201, asBooking(made ?? {}))
}

// OWASP API1:2023: whoever knows or guesses the id reads, changes and cancels the booking.
function readBooking({ response, database, params }: Call): void {
  const row = database.prepare('SELECT * FROM bookings WHERE bookingId = ?').get(params[0] ?? '')
  if (row === undefined) sendProblem(response, 404, 'No such booking')
  else sendJson(response, 200, asBooking(row))
}

async function changeBooking({ request, response, database, params }: Call): Promise<void> {
  const body = await readJson(request)
  const row = database
    .prepare(
      `UPDATE bookings SET date = coalesce(?, date), cabin = coalesce(?, cabin), note = coalesce(?, note)
       WHERE bookingId = ? RETURNING *`,
    )
    .get(text(body['date']), text(body['cabin']), text(body['note']), params[0] ?? '')
  if (row === undefined) sendProblem(response, 404, 'No such booking')
  else sendJson(response, 200, asBooking(row))
}

function cancelBooking({ response, database, params }: Call): void {
  const done = database.prepare('DELETE FROM bookings WHERE bookingId = ?').run(params[0] ?? '')
  if (done.changes === 0) sendProblem(response, 404, 'No such booking')
  else response.writeHead(204).end()
}

function text(value: unknown): string | null {
  return value === undefined ? null : String(value)
}

function asBooking(row: Record<string, unknown>): Record<string, unknown> {
  const { origin, destination, amount, currency, travellers, ...rest } = row
  return {
    ...rest,
    userId: String(row['userId']),
    from: origin,
    to: destination,
    travellers: JSON.parse(String(travellers)),
    price: { amount, currency },
  }
}

export const bookingRoutes: readonly Route[] = [
  ['GET', /^\/bookings$/, listBookings],
  ['POST', /^\/bookings$/, createBooking],
  ['GET', /^\/bookings\/([^/]+)$/, readBooking],
  ['PATCH', /^\/bookings\/([^/]+)$/, changeBooking],
  ['DELETE', /^\/bookings\/([^/]+)$/, cancelBooking],
]
