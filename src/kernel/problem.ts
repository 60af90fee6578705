/** One row of the table of problems: what a caller may learn about a refusal. */
export interface Problem {
  readonly status: number
  readonly title: string
  /** True where the connection must be closed: no further byte of it can be trusted. */
  readonly close?: true
}

/** The code of a refusal, `STAGE_WHAT`. */
export type ProblemCode =
  | 'LISTEN_MALFORMED'
  | 'LISTEN_PATH_AMBIGUOUS'
  | 'LISTEN_QUERY_AMBIGUOUS'
  | 'LISTEN_TARGET_TOO_LONG'
  | 'LISTEN_HEADERS_TOO_LARGE'
  | 'LISTEN_TIMEOUT'
  | 'LISTEN_EXPECTATION'
  | 'LISTEN_METHOD_UNKNOWN'
  | 'LISTEN_VERSION'
  | 'LISTEN_TLS_REQUIRED'
  | 'LISTEN_LOOP'
  | 'LISTEN_ADDRESS_LIMIT'
  | 'MATCH_HOST'
  | 'MATCH_NO_OPERATION'
  | 'MATCH_METHOD'
  | 'IDENTIFY_REQUIRED'
  | 'IDENTIFY_MALFORMED'
  | 'IDENTIFY_TOKEN_INVALID'
  | 'IDENTIFY_TOKEN_EXPIRED'
  | 'IDENTIFY_TOKEN_REVOKED'
  | 'IDENTIFY_PROOF_INVALID'
  | 'IDENTIFY_NONCE_REQUIRED'
  | 'IDENTIFY_STEP_UP'
  | 'IDENTIFY_KEYS_UNAVAILABLE'
  | 'AUTHORIZE_SCOPE'
  | 'AUTHORIZE_FUNCTION'
  | 'AUTHORIZE_OBJECT'
  | 'AUTHORIZE_NOT_FOUND'
  | 'AUTHORIZE_PROPERTY'
  | 'AUTHORIZE_ORIGIN'
  | 'AUTHORIZE_FLOW'
  | 'AUTHORIZE_DESTINATION'
  | 'AUTHORIZE_UNDECIDED'
  | 'LIMIT_RATE'
  | 'LIMIT_QUEUE'
  | 'LIMIT_LOCKED'
  | 'LIMIT_OVERLOAD'
  | 'LIMIT_PACE'
  | 'INSPECT_BODY_TOO_LARGE'
  | 'INSPECT_MEDIA_TYPE'
  | 'INSPECT_CONTENT_CODING'
  | 'INSPECT_SCHEMA'
  | 'INSPECT_JSON'
  | 'INSPECT_GRAPHQL'
  | 'INSPECT_INJECTION'
  | 'FORWARD_UNREACHABLE'
  | 'FORWARD_TIMEOUT'
  | 'FORWARD_MALFORMED'
  | 'SCREEN_SCHEMA'
  | 'SCREEN_TOO_LARGE'
  | 'SCREEN_CONTEXT'
  | 'SCREEN_SECRET'
  | 'GATEWAY_FAULT'
  | 'GATEWAY_DRAINING'

/**
 * Every refusal Sallyport can make (RFC 9457 `code`, HTTP status, title). Codes are `STAGE_WHAT`; they are
 * never renumbered and never reused. The union type, the documentation page and a completeness test derive
 * from this table.
 */
export const problems: Readonly<Record<ProblemCode, Problem>> = {
  LISTEN_MALFORMED: { status: 400, title: 'Malformed request', close: true },
  LISTEN_PATH_AMBIGUOUS: { status: 400, title: 'Ambiguous path' },
  LISTEN_QUERY_AMBIGUOUS: { status: 400, title: 'Ambiguous query' },
  LISTEN_TARGET_TOO_LONG: { status: 414, title: 'Request target too long', close: true },
  LISTEN_HEADERS_TOO_LARGE: { status: 431, title: 'Request header fields too large', close: true },
  LISTEN_TIMEOUT: { status: 408, title: 'Request too slow', close: true },
  LISTEN_EXPECTATION: { status: 417, title: 'Expectation failed', close: true },
  LISTEN_METHOD_UNKNOWN: { status: 501, title: 'Method not implemented', close: true },
  LISTEN_VERSION: { status: 505, title: 'HTTP version not supported', close: true },
  LISTEN_TLS_REQUIRED: { status: 403, title: 'TLS required' },
  LISTEN_LOOP: { status: 508, title: 'Loop detected' },
  LISTEN_ADDRESS_LIMIT: { status: 429, title: 'Too many requests from this address' },
  MATCH_HOST: { status: 421, title: 'Misdirected request' },
  MATCH_NO_OPERATION: { status: 404, title: 'No such operation' },
  MATCH_METHOD: { status: 405, title: 'Method not allowed' },
  IDENTIFY_REQUIRED: { status: 401, title: 'Credentials required' },
  IDENTIFY_MALFORMED: { status: 400, title: 'Malformed credentials' },
  IDENTIFY_TOKEN_INVALID: { status: 401, title: 'Invalid credentials' },
  IDENTIFY_TOKEN_EXPIRED: { status: 401, title: 'Credentials expired' },
  IDENTIFY_TOKEN_REVOKED: { status: 401, title: 'Credentials revoked' },
  IDENTIFY_PROOF_INVALID: { status: 401, title: 'Invalid proof of possession' },
  IDENTIFY_NONCE_REQUIRED: { status: 401, title: 'Proof needs a nonce of this server' },
  IDENTIFY_STEP_UP: { status: 401, title: 'Stronger or fresher authentication required' },
  IDENTIFY_KEYS_UNAVAILABLE: { status: 503, title: 'Credentials cannot be checked now' },
  AUTHORIZE_SCOPE: { status: 403, title: 'Insufficient scope' },
  AUTHORIZE_FUNCTION: { status: 403, title: 'Not allowed' },
  AUTHORIZE_OBJECT: { status: 403, title: 'Not allowed' },
  AUTHORIZE_NOT_FOUND: { status: 404, title: 'Not found' },
  AUTHORIZE_PROPERTY: { status: 403, title: 'Not allowed' },
  AUTHORIZE_ORIGIN: { status: 403, title: 'Origin not allowed' },
  AUTHORIZE_DESTINATION: { status: 403, title: 'Destination needs approval' },
  AUTHORIZE_FLOW: { status: 409, title: 'Not at this step' },
  AUTHORIZE_UNDECIDED: { status: 503, title: 'Cannot be decided now' },
  LIMIT_RATE: { status: 429, title: 'Too many requests' },
  LIMIT_QUEUE: { status: 429, title: 'Too many requests waiting' },
  LIMIT_LOCKED: { status: 429, title: 'Locked for now' },
  LIMIT_OVERLOAD: { status: 503, title: 'Temporarily overloaded' },
  LIMIT_PACE: { status: 429, title: 'Too fast' },
  INSPECT_BODY_TOO_LARGE: { status: 413, title: 'Body too large' },
  INSPECT_MEDIA_TYPE: { status: 415, title: 'Unsupported media type' },
  INSPECT_CONTENT_CODING: { status: 415, title: 'Unsupported content coding' },
  INSPECT_SCHEMA: { status: 400, title: 'Request does not match the contract' },
  INSPECT_GRAPHQL: { status: 400, title: 'GraphQL request refused' },
  INSPECT_JSON: { status: 400, title: 'Ambiguous or malformed JSON' },
  INSPECT_INJECTION: { status: 403, title: 'Request refused' },
  FORWARD_UNREACHABLE: { status: 502, title: 'Upstream unreachable' },
  FORWARD_TIMEOUT: { status: 504, title: 'Upstream too slow' },
  FORWARD_MALFORMED: { status: 502, title: 'Upstream answered badly' },
  SCREEN_SCHEMA: { status: 502, title: 'Reply does not match the contract' },
  SCREEN_TOO_LARGE: { status: 502, title: 'Reply too large to screen' },
  SCREEN_CONTEXT: { status: 502, title: 'Reply refused' },
  SCREEN_SECRET: { status: 502, title: 'Reply refused' },
  GATEWAY_FAULT: { status: 503, title: 'Temporarily unavailable' },
  GATEWAY_DRAINING: { status: 503, title: 'Shutting down', close: true },
}

/** The row of a code. */
export function problemOf(code: ProblemCode): Problem {
  return problems[code]
}
