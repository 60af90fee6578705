/** Refusals of the admin API: code → status and title. They are no calls, so they have a table of their own. */
export const adminProblems = {
  ADMIN_UNAUTHENTICATED: { status: 401, title: 'Credentials required' },
  ADMIN_HOST: { status: 421, title: 'Misdirected request' },
  ADMIN_ORIGIN: { status: 403, title: 'Origin not allowed' },
  ADMIN_NOT_FOUND: { status: 404, title: 'Not found' },
  ADMIN_METHOD: { status: 405, title: 'Method not allowed' },
  ADMIN_QUERY: { status: 400, title: 'Query does not match the API description' },
  ADMIN_BODY: { status: 413, title: 'No body expected' },
  ADMIN_FAULT: { status: 503, title: 'Temporarily unavailable' },
} as const

export type AdminProblemCode = keyof typeof adminProblems

/** A query parameter that is not what the API description says. Never carries its value. */
export interface QueryError {
  readonly parameter: string
  readonly code: 'undeclared' | 'repeated' | 'type' | 'range' | 'enum' | 'length'
}
