import { type Attack, bearer } from '../attack.ts'

/** API1, API3, API5: objects, properties and functions of others. */
export const accessAttacks: readonly Attack[] = [
  {
    name: "read somebody else's profile",
    owasp: 'API1:2023',
    requests: ({ tokens }) => [
      { method: 'GET', path: '/api/v1/users/456/profile', headers: bearer(tokens.alice) },
    ],
    evidence: ({ text }) => text.includes('bob@travel.example'),
    gate: { status: 403, code: 'AUTHORIZE_OBJECT' },
  },
  {
    name: "read somebody else's profile by a look-alike id",
    owasp: 'API1:2023',
    requests: ({ tokens }) => [
      { method: 'GET', path: '/api/v1/users/0456/profile', headers: bearer(tokens.alice) },
    ],
    evidence: ({ text }) => text.includes('bob@travel.example'),
    gate: { status: 403, code: 'AUTHORIZE_OBJECT' },
  },
  {
    name: "read somebody else's calendar",
    owasp: 'API1:2023',
    requests: ({ tokens }) => [
      { method: 'GET', path: '/api/v1/users/456/calendar', headers: bearer(tokens.alice) },
    ],
    evidence: ({ text }) => text.includes('do not tell anyone'),
    gate: { status: 403, code: 'AUTHORIZE_OBJECT' },
  },
  {
    name: 'walk into a foreign profile with an encoded slash',
    owasp: 'API1:2023',
    requests: ({ tokens }) => [
      { method: 'GET', path: '/api/v1/users/123/..%2f456/profile', headers: bearer(tokens.alice) },
    ],
    evidence: ({ text }) => text.includes('bob@travel.example'),
    gate: { status: 400, code: 'LISTEN_PATH_AMBIGUOUS' },
  },
  {
    name: "read somebody else's booking",
    owasp: 'API1:2023',
    requests: ({ tokens }) => [
      { method: 'GET', path: '/bookings/bk_b2d4f6h8j0l2', headers: bearer(tokens.alice) },
    ],
    evidence: ({ text }) => text.includes('Job interview'),
    gate: { status: 403, code: 'AUTHORIZE_OBJECT', reads: 1 },
  },
  {
    name: "change somebody else's booking",
    owasp: 'API1:2023',
    requests: ({ tokens }) => [
      {
        method: 'PATCH',
        path: '/bookings/bk_b2d4f6h8j0l2',
        headers: bearer(tokens.alice),
        body: { note: 'changed by alice' },
      },
    ],
    evidence: ({ text }) => text.includes('changed by alice'),
    gate: { status: 403, code: 'AUTHORIZE_OBJECT', reads: 1 },
  },
  {
    name: 'make oneself an administrator',
    owasp: 'API3:2023',
    requests: ({ tokens }) => [
      {
        method: 'PATCH',
        path: '/api/v1/users/123/profile',
        headers: bearer(tokens.alice),
        body: { bio: 'hello', role: 'admin' },
      },
    ],
    evidence: ({ text }) => text.includes('"role":"admin"'),
    gate: { status: 400, code: 'INSPECT_SCHEMA' },
  },
  {
    name: 'say one thing to the judge and another to the upstream (duplicate key)',
    owasp: 'API3:2023',
    requests: ({ tokens }) => [
      {
        method: 'PATCH',
        path: '/api/v1/users/123/profile',
        headers: bearer(tokens.alice),
        body: '{"bio":"harmless","bio":"second value wins"}',
      },
    ],
    evidence: ({ text }) => text.includes('second value wins'),
    gate: { status: 400, code: 'INSPECT_JSON' },
  },
  {
    name: 'read the password hash in a reply',
    owasp: 'API3:2023',
    requests: ({ tokens }) => [
      { method: 'GET', path: '/api/v1/users/123/profile', headers: bearer(tokens.alice) },
    ],
    evidence: ({ text }) => text.includes('passwordHash'),
    gate: { status: 200 },
  },
  {
    name: 'list all accounts as a traveller',
    owasp: 'API5:2023',
    requests: ({ tokens }) => [{ method: 'GET', path: '/admin/users', headers: bearer(tokens.alice) }],
    evidence: ({ text }) => text.includes('admin@travel.example'),
    gate: { status: 403, code: 'AUTHORIZE_SCOPE' },
  },
  {
    name: 'list all accounts with the scope but without the role',
    owasp: 'API5:2023',
    requests: ({ tokens }) => [{ method: 'GET', path: '/admin/users', headers: bearer(tokens.overscoped) }],
    evidence: ({ text }) => text.includes('admin@travel.example'),
    gate: { status: 403, code: 'AUTHORIZE_FUNCTION' },
  },
]
