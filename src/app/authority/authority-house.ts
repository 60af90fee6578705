import { createTurnstile } from '../../authority/accounts/turnstile.ts'
import type { Arrival, Outcome } from '../../authority/create-authority.ts'
import { findEndpoint, placeOf } from '../../authority/endpoints.ts'
import type { House } from '../../gateway/gate.ts'
import type { Answered, Arrived, Inspected, Matched, Reply, Screened } from '../../kernel/facts.ts'
import { emptyGrant } from '../../kernel/grant.ts'
import { anonymous } from '../../kernel/principal.ts'
import { type Denial, deny, isDenied } from '../../kernel/verdict.ts'
import { createForward, type Forward } from '../../stages/forward/forward.ts'
import { securityFields } from '../../stages/screen/reply-fields.ts'
import { authorityOperations } from './authority-operations.ts'

/** What of the server its callers' threads know: where it is, and who keeps the tickets. */
export interface NearAuthority {
  readonly authority: { readonly issuer: string; readonly mount: string; publicKeys(): unknown }
  readonly socket: {
    readonly path: string
    admit(arrival: Arrival): string | Promise<string>
    conclude(ticket: string): Outcome | undefined | Promise<Outcome | undefined>
  }
  /** Under which the APIs know the server. */
  readonly issuerName: string
}

/** The way to the authorization server. */
export interface AuthorityHouse extends House {
  /** Whether a request is for the server. */
  owns(arrived: Arrived): boolean
  close(): Promise<void>
}

/** Between two forms while many come at once. One costs about 2 ms of the loop, which calls of APIs share. */
const formPaceMs = 5

/** Above this a form is none of ours. */
const maxBody = 56 * 1024

/** Endpoints whose forms people send: signing in costs more than any other call. */
const forms: ReadonlySet<string> = new Set(['account', 'interaction'])

/** `issuerName`: under which the APIs know the server, for the record. `firstSlot`: see `authorityOperations`. */
export function createAuthorityHouse(
  { authority, socket, issuerName }: NearAuthority,
  firstSlot: number,
): AuthorityHouse {
  const { mount } = authority
  const host = new URL(authority.issuer).hostname
  const operations = authorityOperations(firstSlot)
  const forward: Forward = createForward({
    url: 'http://authority.internal',
    socketPath: socket.path,
    credentials: 'forward',
    ownCookies: 'forward',
    retries: 0,
    // A password may wait longer for its turn to be hashed than an upstream has for its reply.
    timeouts: { keepAliveMs: 10_000, headMs: 25_000 },
  })
  const turn = createTurnstile(formPaceMs)

  function placeIn(arrived: Arrived): string | undefined {
    if (hostOf(arrived.authority) !== host) return undefined
    const place = placeOf(mount, arrived.path)
    // Without a path of its own the server shares its host with APIs: what it does not know is theirs.
    return place !== undefined && mount === '' && findEndpoint(place) === undefined ? undefined : place
  }

  return {
    owns: (arrived) => placeIn(arrived) !== undefined,
    claim(arrived): Matched | Denial | undefined {
      const place = placeIn(arrived)
      if (place === undefined) return undefined
      const endpoint = findEndpoint(place)
      if (endpoint === undefined)
        return deny('MATCH_NO_OPERATION', 'match.path', 'no endpoint at this path of the server')
      if (!endpoint.methods.includes(arrived.method))
        return deny('MATCH_METHOD', 'match.method', 'endpoint known, method not', {
          fields: ['Allow', endpoint.methods.join(', ')],
        })
      const operation = operations.get(endpoint.name)
      if (operation === undefined) return deny('GATEWAY_FAULT', 'match.path', 'an endpoint without a name')
      return { ...arrived, operation, params: Object.freeze({}) }
    },
    async run(matched) {
      if (matched.method === 'POST' && forms.has(matched.operation.id)) await turn()
      const body = matched.body.present ? await matched.body.read(maxBody) : undefined
      if (body !== undefined && isDenied(body)) return body
      const ticket = await socket.admit({
        address: matched.client,
        requestId: matched.id,
        certificate: matched.channel.certificate,
      })
      try {
        const inspected: Inspected = {
          ...matched,
          id: ticket,
          principal: anonymous,
          grant: emptyGrant,
          settle: () => {},
          limitFields: [],
          input: { value: undefined, body, mediaType: undefined },
        }
        const answer = await forward.run(inspected)
        const outcome = await socket.conclude(ticket)
        if (isDenied(answer)) return answer
        const answered: Answered = { ...inspected, id: matched.id, answer }
        return tell(answered, outcome, issuerName)
      } finally {
        void socket.conclude(ticket)
      }
    },
    close: () => forward.close(),
  }
}

/** Puts on record who it was and what was refused, and the reply into its final form. */
function tell(answered: Answered, outcome: Outcome | undefined, issuerName: string): Screened {
  const { trail, answer, id, channel } = answered
  for (const note of outcome?.notes ?? []) trail.note('forward', `authority.${note}`, 'deny')
  if (outcome?.error !== undefined)
    trail.note('forward', 'authority.refused', 'deny', undefined, wordOf(outcome.error))
  const fields = [...answer.fields.flat, 'X-Request-Id', id]
  const security = securityFields(channel.secure)
  for (let i = 0; i < security.length; i += 2)
    if (!answer.fields.has((security[i] as string).toLowerCase()))
      fields.push(security[i] as string, security[i + 1] as string)
  const reply: Reply = { status: answer.status, fields, body: answer.body }
  if (outcome?.client === undefined && outcome?.sub === undefined) return { ...answered, reply }
  const principal = { ...anonymous, issuer: issuerName, sub: outcome.sub ?? '', client: outcome.client }
  return { ...answered, principal, reply }
}

/** Error codes are words; what is none is not repeated. */
function wordOf(error: string): string {
  return /^[a-z_]{1,64}$/.test(error) ? error : 'error'
}

function hostOf(authority: string): string {
  const colon = authority.lastIndexOf(':')
  return colon > authority.lastIndexOf(']') ? authority.slice(0, colon) : authority
}
