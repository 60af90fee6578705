/** What a database, shell or interpreter says when a value broke its text. */
const databases =
  /SQLSTATE\[|syntax error at or near|near "[^"]{0,40}": syntax error|unrecognized token: |SQLITE_ERROR|sqlite3?\.(?:OperationalError|DatabaseError)|unclosed quotation mark|quoted string not properly terminated|You have an error in your SQL syntax|ER_PARSE_ERROR|ORA-\d{5}|PG::SyntaxError|psycopg2\.errors|org\.postgresql|mysql_fetch|MySqlException|SqlException|System\.Data\.SqlClient|java\.sql\.SQL|unterminated quoted string|Incorrect syntax near|sqlalchemy\.exc|SequelizeDatabaseError|QueryFailedError|incomplete input/i

const documents =
  /MongoError|MongoServerError|CastError|BSONError|unknown operator: \$|unknown top level operator|\$where/i

/** The inside of a program. */
const traces: readonly RegExp[] = [
  /\n?\s{0,8}at [^\n]{1,200}\((?:[^)\n]{1,200}):\d{1,6}:\d{1,6}\)/,
  /\n\s{1,8}at (?:file:\/\/)?\/[^\n]{1,200}:\d{1,6}:\d{1,6}/,
  /Traceback \(most recent call last\)/,
  /File "[^"\n]{1,200}", line \d{1,6}, in /,
  /\bat [\w.$]{3,200}\([\w$]{1,80}\.(?:java|kt|scala):\d{1,6}\)/,
  /\bat [\w.<>`]{3,200}\([^)\n]{0,200}\) in [^\n]{1,200}:line \d{1,6}/,
  /goroutine \d{1,9} \[running\]/,
  /(?:Fatal error|Warning|Parse error|Uncaught \w{1,40})[^\n]{0,200} in \/[^\n]{1,200}\.php(?: on line |:)\d{1,6}/,
  /\.rb:\d{1,6}:in [`']/,
  /panicked at [^\n]{1,200}\.rs:\d/,
]

export function looksLikeDatabaseError(text: string): boolean {
  return databases.test(text.slice(0, 20_000))
}

export function looksLikeDocumentError(text: string): boolean {
  return documents.test(text.slice(0, 20_000))
}

/** A stack trace, a query, or the path of a source file. */
export function showsInside(text: string): boolean {
  const start = text.slice(0, 20_000)
  return traces.some((one) => one.test(start)) || databases.test(start)
}
