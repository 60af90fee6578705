import { type Call, type Route, readJson, sendJson } from '../call.ts'

/** A statement that does not parse finds nothing, as in many a program: no error tells of it. What is spliced in runs all the same. */
function rowsOf(database: Call['database'], statement: string): unknown[] {
  try {
    return database.prepare(statement).all()
  } catch {
    return []
  }
}

// OWASP API8:2023, SQL injection: all four values are spliced into the statement.
function search({ response, database, query }: Call): void {
  const to = query.has('to') ? ` AND destination = '${query.get('to')}'` : ''
  const date = query.has('date') ? ` AND date = '${query.get('date')}'` : ''
  const rows = rowsOf(
    database,
    `SELECT origin AS "from", destination AS "to", date, price FROM offers
     WHERE origin = '${query.get('from')}'${to}${date} ORDER BY price LIMIT ${query.get('limit') ?? 20}`,
  )
  sendJson(response, 200, rows)
}

// OWASP API10:2023: what anybody wrote goes out to readers, and to the agents among them, as it came in.
function listReviews({ response, database, params, query }: Call): void {
  const rows = database
    .prepare(
      'SELECT reviewId, author, stars, text FROM reviews WHERE destination = ? ORDER BY reviewId DESC LIMIT ?',
    )
    .all(params[0] ?? '', Number(query.get('limit') ?? 20))
  sendJson(response, 200, rows)
}

async function writeReview({ request, response, database, params, sub }: Call): Promise<void> {
  const body = await readJson(request)
  const row = database
    .prepare(
      `INSERT INTO reviews (destination, author, stars, text)
       VALUES (?, coalesce((SELECT displayName FROM users WHERE userId = ?), 'somebody'), ?, ?)
       RETURNING reviewId, author, stars, text`,
    )
    .get(params[0] ?? '', sub, Number(body['stars']), String(body['text']))
  sendJson(response, 201, row)
}

// OWASP API8:2023, SQL injection in a value that has to be free text.
function searchDocuments({ response, database, query }: Call): void {
  const q = query.get('q') ?? ''
  const rows = rowsOf(
    database,
    `SELECT documentId, title, text, source FROM documents
     WHERE title LIKE '%${q}%' OR text LIKE '%${q}%' LIMIT ${query.get('limit') ?? 20}`,
  )
  sendJson(response, 200, rows)
}

export const contentRoutes: readonly Route[] = [
  ['GET', /^\/search$/, search],
  ['GET', /^\/reviews\/([^/]+)$/, listReviews],
  ['POST', /^\/reviews\/([^/]+)$/, writeReview],
  ['GET', /^\/documents$/, searchDocuments],
]
