import { type Call, type Route, sendJson, sendProblem } from '../call.ts'
import { asUser } from './accounts.ts'

// OWASP API5:2023, broken function level authorization: an administrator is whoever knows the path.
function listUsers({ response, database, query }: Call): void {
  const rows = database
    .prepare('SELECT * FROM users ORDER BY userId LIMIT ?')
    .all(Number(query.get('limit') ?? 20))
  sendJson(response, 200, rows.map(asUser))
}

function deleteUser({ response, database, query }: Call): void {
  const done = database.prepare('DELETE FROM users WHERE userId = ?').run(query.get('account') ?? '')
  if (done.changes === 0) sendProblem(response, 404, 'No such user')
  else response.writeHead(204).end()
}

// OWASP API9:2023, improper inventory: forgotten paths that no contract names.
function debug({ response, database }: Call): void {
  sendJson(response, 200, {
    node: process.version,
    tables: database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all(),
    users: database.prepare('SELECT username, passwordHash FROM users').all(),
  })
}

function oldProfile({ response, database, params }: Call): void {
  sendJson(response, 200, database.prepare('SELECT * FROM users WHERE userId = ?').get(params[0] ?? '') ?? {})
}

export const adminRoutes: readonly Route[] = [
  ['GET', /^\/admin\/users$/, listUsers],
  ['DELETE', /^\/admin\/users$/, deleteUser],
  ['GET', /^\/debug$/, debug],
  ['GET', /^\/api\/v0\/users\/([^/]+)$/, oldProfile],
]
