import { type Attack, bearer, unsigned } from '../attack.ts'

/** API2: pretending to be somebody. */
export const identityAttacks: readonly Attack[] = [
  {
    name: 'call without a token',
    owasp: 'API2:2023',
    requests: () => [{ method: 'GET', path: '/api/v1/users/123/profile' }],
    evidence: ({ text }) => text.includes('alice@travel.example'),
    gate: { status: 401, code: 'IDENTIFY_REQUIRED' },
  },
  {
    name: 'call with a token that nobody signed',
    owasp: 'API2:2023',
    requests: () => [{ method: 'GET', path: '/bookings', headers: bearer(unsigned(forged)) }],
    evidence: ({ text }) => text.includes('bk_b2d4f6h8j0l2'),
    gate: { status: 401, code: 'IDENTIFY_TOKEN_INVALID' },
  },
  {
    name: 'call with a token whose subject was exchanged',
    owasp: 'API2:2023',
    requests: ({ tokens }) => [
      { method: 'GET', path: '/bookings', headers: bearer(exchangeSubject(tokens.alice, '456')) },
    ],
    evidence: ({ text }) => text.includes('bk_b2d4f6h8j0l2'),
    gate: { status: 401, code: 'IDENTIFY_TOKEN_INVALID' },
  },
  {
    name: 'call with a token that has expired',
    owasp: 'API2:2023',
    requests: ({ tokens }) => [{ method: 'GET', path: '/bookings', headers: bearer(tokens.expired) }],
    evidence: ({ status }) => status === 200,
    gate: { status: 401, code: 'IDENTIFY_TOKEN_EXPIRED' },
  },
  {
    name: "forge the gate's own identity header",
    owasp: 'API2:2023',
    requests: ({ tokens }) => [
      {
        method: 'GET',
        path: '/bookings',
        headers: { ...bearer(tokens.alice), 'sallyport-identity': unsigned({ sub: '456' }) },
      },
    ],
    evidence: ({ text }) => text.includes('bk_b2d4f6h8j0l2'),
    gate: { status: 200 },
  },
  {
    name: 'guess a password, eight tries',
    owasp: 'API2:2023',
    requests: () =>
      ['123456', 'password', 'qwerty', 'dragon', 'letmein', 'monkey', 'football', 'sunshine'].map(
        (password) => ({
          method: 'POST',
          path: '/login',
          body: { username: 'bob', password },
        }),
      ),
    evidence: ({ status, text }) => status === 200 && text.includes('token'),
    gate: { status: 429, code: 'LIMIT_RATE' },
  },
]

const forged = {
  iss: 'https://id.travel.example',
  aud: 'https://api.travel.example',
  sub: '456',
  scope: 'bookings:read',
  exp: 4102444800,
}

/** The token with another subject under the old signature. */
function exchangeSubject(token: string, sub: string): string {
  const [head, payload, signature] = token.split('.')
  const claims = { ...JSON.parse(Buffer.from(payload ?? '', 'base64url').toString('utf8')), sub }
  return `${head}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.${signature}`
}
