/**
 * Marks of a stack trace or of a database driver's message, as they stand in text and, with escaped line ends, in
 * JSON. Only looked for in error replies, where a false alarm costs a message and a miss costs a secret.
 */
const marks: readonly string[] = [
  '\n    at ',
  '\\n    at ',
  '\n\tat ',
  '\\n\\tat ',
  'Traceback (most recent call last)',
  'Exception in thread "',
  'goroutine 1 [running]',
  'Stack trace:',
  'stack backtrace:',
  'System.NullReferenceException',
  'SQLSTATE[',
  'SQLITE_ERROR',
  'You have an error in your SQL syntax',
  'ORA-0',
  'pg_query():',
  'org.springframework.',
  'java.lang.',
  '/node_modules/',
]

/** True where an error reply shows the inside of the upstream (CWE-209). */
export function hasStackTrace(text: string): boolean {
  return marks.some((mark) => text.includes(mark))
}
