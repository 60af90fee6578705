import { createHash } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'
import { bookings, calendar, documents, offers, reviews, users } from './seed.ts'

/** Opens the travel database and fills it when it is new. `file` may be `:memory:`. */
export function openDatabase(file: string): DatabaseSync {
  const database = new DatabaseSync(file)
  database.exec(tables)
  const known = database.prepare('SELECT count(*) AS n FROM users').get()
  if (known?.['n'] === 0) seed(database)
  return database
}

// OWASP API2:2023: an unsalted MD5 is no password hash.
export function weakHash(password: string): string {
  return createHash('md5').update(password).digest('hex')
}

const tables = `
  CREATE TABLE IF NOT EXISTS users (
    userId INTEGER PRIMARY KEY, username TEXT UNIQUE, passwordHash TEXT, displayName TEXT, email TEXT, phone TEXT,
    homeAirport TEXT, newsletter INTEGER, role TEXT, memberSince TEXT, bio TEXT);
  CREATE TABLE IF NOT EXISTS calendar (
    entryId INTEGER PRIMARY KEY, userId INTEGER, title TEXT, starts TEXT, ends TEXT, place TEXT);
  CREATE TABLE IF NOT EXISTS bookings (
    bookingId TEXT PRIMARY KEY, userId INTEGER, origin TEXT, destination TEXT, date TEXT, cabin TEXT,
    travellers TEXT, note TEXT, amount INTEGER, currency TEXT, status TEXT, margin INTEGER);
  CREATE TABLE IF NOT EXISTS offers (origin TEXT, destination TEXT, date TEXT, price INTEGER);
  CREATE TABLE IF NOT EXISTS reviews (
    reviewId INTEGER PRIMARY KEY, destination TEXT, author TEXT, stars INTEGER, text TEXT);
  CREATE TABLE IF NOT EXISTS documents (documentId INTEGER PRIMARY KEY, title TEXT, text TEXT, source TEXT);
  CREATE TABLE IF NOT EXISTS webhooks (webhookId INTEGER PRIMARY KEY, userId INTEGER, url TEXT, answered INTEGER);
  CREATE TABLE IF NOT EXISTS telemetry (deviceId TEXT, time TEXT, latitude REAL, longitude REAL, battery INTEGER);
  CREATE TABLE IF NOT EXISTS files (name TEXT PRIMARY KEY, bytes INTEGER, sha256 TEXT);
`

function seed(database: DatabaseSync): void {
  const fill = (table: string, rows: readonly (readonly (string | number)[])[]): void => {
    const width = rows[0]?.length ?? 0
    const insert = database.prepare(`INSERT INTO ${table} VALUES (${Array(width).fill('?').join(', ')})`)
    for (const row of rows) insert.run(...row)
  }
  database.exec('BEGIN')
  fill(
    'users',
    users.map(({ password, ...user }) => [
      user.userId,
      user.username,
      weakHash(password),
      user.displayName,
      user.email,
      user.phone,
      user.homeAirport,
      1,
      user.role,
      user.memberSince,
      user.bio,
    ]),
  )
  fill('calendar', calendar)
  fill('bookings', bookings)
  fill('offers', offers)
  fill('reviews', reviews)
  fill('documents', documents)
  database.exec('COMMIT')
}
