/** Refusals of the admin API: code → status and title. They are no calls, so they have a table of their own. */
export const adminProblems = {
  ADMIN_UNAUTHENTICATED: { status: 401, title: 'Credentials required' },
  ADMIN_SIGN_IN: { status: 401, title: 'Not signed in' },
  ADMIN_HOST: { status: 421, title: 'Misdirected request' },
  ADMIN_ORIGIN: { status: 403, title: 'Origin not allowed' },
  ADMIN_CSRF: { status: 403, title: 'X-CSRF is missing or wrong' },
  ADMIN_ROLE: { status: 403, title: 'Role does not allow this' },
  ADMIN_NOT_FOUND: { status: 404, title: 'Not found' },
  ADMIN_METHOD: { status: 405, title: 'Method not allowed' },
  ADMIN_QUERY: { status: 400, title: 'Query does not match the API description' },
  ADMIN_INPUT: { status: 400, title: 'Body does not match the API description' },
  ADMIN_MEDIA: { status: 415, title: 'Body must be application/json' },
  ADMIN_BODY: { status: 413, title: 'Body not expected, or too large' },
  ADMIN_CONFLICT: { status: 409, title: 'Not possible as things are' },
  ADMIN_CHANGED: { status: 412, title: 'Changed since it was read' },
  ADMIN_CONDITION: { status: 428, title: 'If-Match required' },
  ADMIN_BUSY: { status: 503, title: 'Too many at once' },
  ADMIN_FAULT: { status: 503, title: 'Temporarily unavailable' },
} as const

export type AdminProblemCode = keyof typeof adminProblems

/** A query parameter that is not what the API description says. Never carries its value. */
export interface QueryError {
  readonly parameter: string
  readonly code: 'undeclared' | 'repeated' | 'type' | 'range' | 'enum' | 'length'
}

/** A member of a body that is not what the API description says: JSON Pointer and JSON Schema keyword. */
export interface MemberError {
  readonly pointer: string
  readonly code: string
}
