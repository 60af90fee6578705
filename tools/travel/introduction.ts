import { calendarWidget, travelWeb } from '../../examples/travel/client/clients.ts'
import type { RunningTravel } from './run-travel.ts'

/** What to do with the running example. Passwords and tokens are shown here and nowhere else. */
export function introduction(
  { scene: { tokens }, people, upstreamUrl, clientUrl }: RunningTravel,
  gate: string,
  admin: string,
): string {
  const width = Math.max(...people.map(({ email }) => email.length))
  return `
Gate      ${gate}
Sign-in   ${gate}/auth  (authorization server)
Client    ${clientUrl}  (a page that signs people in and calls the API)
Operator  ${admin}  (the console; /metrics, /healthz, /readyz, /api/v1)
Upstream  ${upstreamUrl}  (weak on purpose, loopback only)

In a browser: open ${clientUrl}, sign in with "${travelWeb.name}" and consent to
${travelWeb.scopes.join(' and ')}, then call the API. Passwords are new at each start and kept nowhere:

${people.map(({ email, password, sub }) => `  ${email.padEnd(width)}  ${password}  (user ${sub})`).join('\n')}

"${calendarWidget.name}" may see calendars alone: a profile is 403 for it, and when it asks for profile:read
it is sent back with invalid_scope. Somebody else's profile is 403 for both.

In another terminal, with tokens of the development issuer; Alice is user 123, Bob is user 456:

export ALICE=${tokens.alice}

export BOB=${tokens.bob}

# 200: Alice reads her own profile; the password hash that the upstream adds is gone
curl -i -H "Authorization: Bearer $ALICE" ${gate}/api/v1/users/123/profile

# 401: nobody may
curl -i ${gate}/api/v1/users/123/profile

# 403: not Bob's
curl -i -H "Authorization: Bearer $ALICE" ${gate}/api/v1/users/456/profile

# 429: the sixth guess at a password
for n in 1 2 3 4 5 6; do curl -s -o /dev/null -w '%{http_code}\\n' -H 'Content-Type: application/json' \\
  -d '{"username":"alice","password":"guess"}' ${gate}/login; done

The same against ${upstreamUrl} shows what the gate is for. Ctrl-C ends everything. Audit events:
`
}
