import { type Attack, bearer } from '../attack.ts'
import { canary } from '../scene.ts'

/** API4 and API6 to API10: resources, flows, injection, inventory, and texts of others. */
export const inputAttacks: readonly Attack[] = [
  {
    name: 'ask for a million rows',
    owasp: 'API4:2023',
    requests: ({ tokens }) => [
      { method: 'GET', path: '/search?from=Lisbon&limit=1000000', headers: bearer(tokens.alice) },
    ],
    evidence: ({ status }) => status === 200,
    gate: { status: 400, code: 'INSPECT_SCHEMA' },
  },
  {
    name: 'search thirty times at once',
    owasp: 'API4:2023',
    requests: ({ tokens }) =>
      Array.from({ length: 30 }, () => ({
        method: 'GET',
        path: '/search?from=Lisbon',
        headers: bearer(tokens.bob),
      })),
    atOnce: true,
    evidence: ({ status }) => status === 200,
    gate: { status: 429, code: 'LIMIT_RATE' },
  },
  {
    name: 'hold nine seats ten times over',
    owasp: 'API6:2023',
    requests: ({ tokens }) =>
      Array.from({ length: 10 }, () => ({
        method: 'POST',
        path: '/bookings',
        headers: bearer(tokens.alice),
        body: {
          from: 'LIS',
          to: 'OSL',
          date: '2026-12-24',
          travellers: Array.from({ length: 9 }, () => ({ name: 'Nobody' })),
        },
      })),
    evidence: ({ status }) => status === 201,
    gate: { status: 429, code: 'LIMIT_RATE' },
  },
  {
    name: 'let the upstream call an internal address',
    owasp: 'API7:2023',
    requests: ({ tokens, internal }) => [
      { method: 'POST', path: '/webhooks', headers: bearer(tokens.alice), body: { url: internal } },
    ],
    evidence: ({ text }) => text.includes(canary),
    gate: { status: 400, code: 'INSPECT_SCHEMA' },
  },
  {
    name: 'SQL in a value with a narrow schema',
    owasp: 'API8:2023',
    requests: ({ tokens }) => [
      {
        method: 'GET',
        path: "/search?from=x'%20UNION%20SELECT%20username,passwordHash,1,1%20FROM%20users--%20",
        headers: bearer(tokens.alice),
      },
    ],
    evidence: ({ text }) => text.includes('"from":"bob"'),
    gate: { status: 400, code: 'INSPECT_SCHEMA' },
  },
  {
    name: 'SQL in free text',
    owasp: 'API8:2023',
    requests: ({ tokens }) => [
      {
        method: 'GET',
        path: "/documents?q=x'%20UNION%20SELECT%201,username,passwordHash,'x'%20FROM%20users--%20",
        headers: bearer(tokens.alice),
      },
    ],
    evidence: ({ text }) => text.includes('"title":"bob"'),
    gate: { status: 403, code: 'INSPECT_INJECTION' },
  },
  {
    name: 'a shell command in a file name',
    owasp: 'API8:2023',
    requests: ({ tokens }) => [
      {
        method: 'POST',
        path: '/export',
        headers: bearer(tokens.alice),
        body: { format: 'csv', filename: 'x; echo shell-$((40+2)); #' },
      },
    ],
    evidence: ({ text }) => text.includes('shell-42'),
    gate: { status: 400, code: 'INSPECT_SCHEMA' },
  },
  {
    name: 'read a stack trace',
    owasp: 'API8:2023',
    requests: ({ tokens }) => [
      {
        method: 'POST',
        path: '/export',
        headers: bearer(tokens.alice),
        body: { format: 'csv', filename: '-x' },
      },
    ],
    evidence: ({ text }) => text.includes('    at '),
    gate: { status: 500 },
  },
  {
    name: 'read the server banners',
    owasp: 'API8:2023',
    requests: ({ tokens }) => [
      { method: 'GET', path: '/api/v1/users/123/profile', headers: bearer(tokens.alice) },
    ],
    evidence: ({ headers }) =>
      'x-powered-by' in headers || (headers['server'] ?? '').includes('TravelServer'),
    gate: { status: 200 },
  },
  {
    name: 'find a forgotten path',
    owasp: 'API9:2023',
    requests: () => [{ method: 'GET', path: '/debug' }],
    evidence: ({ text }) => text.includes('passwordHash'),
    gate: { status: 404, code: 'MATCH_NO_OPERATION' },
  },
  {
    name: 'use the old version',
    owasp: 'API9:2023',
    requests: ({ tokens }) => [{ method: 'GET', path: '/api/v0/users/456', headers: bearer(tokens.alice) }],
    evidence: ({ text }) => text.includes('bob@travel.example'),
    gate: { status: 404, code: 'MATCH_NO_OPERATION' },
  },
  {
    name: 'plant instructions for an agent in a review',
    owasp: 'API10:2023',
    requests: ({ tokens }) => [{ method: 'GET', path: '/reviews/oslo', headers: bearer(tokens.alice) }],
    // It worked where its reader is not told: the text itself is what its author wrote, and stays.
    evidence: ({ text, headers }) =>
      text.includes('IMPORTANT INSTRUCTIONS') && !/verdict=flagged/.test(headers['context-risk'] ?? ''),
    gate: { status: 200 },
  },
]
