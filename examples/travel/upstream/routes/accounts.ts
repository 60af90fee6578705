import { createHmac } from 'node:crypto'
import { type Call, type Route, readJson, sendJson, sendProblem } from '../call.ts'
import { weakHash } from '../database.ts'

async function register({ request, response, database }: Call): Promise<void> {
  const body = await readJson(request)
  const username = String(body['username'])
  if (database.prepare('SELECT 1 FROM users WHERE username = ?').get(username) !== undefined)
    return sendProblem(response, 409, `The name ${username} is taken`)
  // OWASP API3:2023, mass assignment: a role in the body is taken over.
  const made = database
    .prepare(
      `INSERT INTO users (username, passwordHash, displayName, email, newsletter, role, memberSince)
       VALUES (?, ?, ?, ?, 0, ?, date()) RETURNING *`,
    )
    .get(
      username,
      weakHash(String(body['password'])),
      String(body['displayName']),
      String(body['email']),
      String(body['role'] ?? 'traveller'),
    )
  sendJson(response, 201, asUser(made ?? {}))
}

async function login({ request, response, database }: Call): Promise<void> {
  const body = await readJson(request)
  const user = database.prepare('SELECT * FROM users WHERE username = ?').get(String(body['username']))
  // OWASP API2:2023: any number of guesses, and the answer tells whether the name exists.
  if (user === undefined) return sendProblem(response, 401, 'No such user')
  if (user['passwordHash'] !== weakHash(String(body['password'])))
    return sendProblem(response, 401, 'Wrong password')
  sendJson(response, 200, { token: weakToken(String(user['userId'])), userId: String(user['userId']) })
}

// OWASP API2:2023: a token without expiry, signed with a secret that stands in every word list.
function weakToken(sub: string): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const text = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ sub })}`
  return `${text}.${createHmac('sha256', 'secret').update(text).digest('base64url')}`
}

/**
 * A user as JSON. OWASP API3:2023, excessive data exposure: the password hash goes along, and so does
 * whatever column is added next.
 */
export function asUser(row: Record<string, unknown>): Record<string, unknown> {
  const shown = Object.entries(row).filter(([, value]) => value !== null)
  return {
    ...Object.fromEntries(shown),
    userId: String(row['userId']),
    newsletter: row['newsletter'] === 1,
  }
}

export const accountRoutes: readonly Route[] = [
  ['POST', /^\/register$/, register],
  ['POST', /^\/login$/, login],
]
