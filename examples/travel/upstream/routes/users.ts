import { type Call, type Route, readJson, sendJson, sendProblem } from '../call.ts'
import { asUser } from './accounts.ts'

// OWASP API1:2023, broken object level authorization: nobody asks whose profile or calendar it is.
function readProfile({ response, database, params }: Call): void {
  const row = database.prepare('SELECT * FROM users WHERE userId = ?').get(params[0] ?? '')
  if (row === undefined) sendProblem(response, 404, 'No such user')
  else sendJson(response, 200, asUser(row))
}

async function changeProfile({ request, response, database, params }: Call): Promise<void> {
  const body = await readJson(request)
  // OWASP API3:2023, mass assignment: every member of the body becomes a column, `role` too; and as the names are
  // spliced into the statement, so does everything that SQL can say.
  for (const [name, value] of Object.entries(body)) {
    const column = typeof value === 'boolean' ? Number(value) : (value as string | number)
    database.prepare(`UPDATE users SET ${name} = ? WHERE userId = ?`).run(column, params[0] ?? '')
  }
  const row = database.prepare('SELECT * FROM users WHERE userId = ?').get(params[0] ?? '')
  if (row === undefined) sendProblem(response, 404, 'No such user')
  else sendJson(response, 200, asUser(row))
}

function readCalendar({ response, database, params, query }: Call): void {
  const rows = database
    .prepare(
      `SELECT entryId, title, starts, ends, place FROM calendar
       WHERE userId = ? AND starts LIKE ? ORDER BY starts`,
    )
    .all(params[0] ?? '', `${query.get('month') ?? ''}%`)
  sendJson(response, 200, rows)
}

export const userRoutes: readonly Route[] = [
  ['GET', /^\/api\/v1\/users\/([^/]+)\/profile$/, readProfile],
  ['PATCH', /^\/api\/v1\/users\/([^/]+)\/profile$/, changeProfile],
  ['GET', /^\/api\/v1\/users\/([^/]+)\/calendar$/, readCalendar],
]
