import Type, { type Static } from 'typebox'
import type {
  AccountReply,
  AccountRequest,
  AccountSession,
  ClientReply,
  DoneReply,
  ItemsReply,
  KeyReply,
  KeyRequest,
  LockReply,
  NewAccountReply,
  NewKeyReply,
  RevocationRequest,
} from './contract.ts'
import { newKeyRoute, roleNames } from './new-key-route.ts'
import type { QueryParameter, Question, Route, RouteModule, RouteReply } from './route.ts'
import type { Visitor } from './visitor.ts'

/** A page by a cursor; undefined where there is no such thing in this configuration. */
export interface Listed<T> {
  list(limit: number, after: string | undefined): Promise<ItemsReply<T> | undefined>
}

/** What became of a change: done, no such thing, not possible as things are, or not for this role. */
export type Changed = 'done' | 'none' | 'conflict' | 'role'

/** Who there is, and what can be done about them. */
export interface Identities {
  readonly accounts: Listed<AccountReply> & {
    change(id: string, what: 'disable' | 'enable' | 'unlock' | 'sign-out', by: Visitor): Promise<Changed>
    setRoles(id: string, roles: readonly string[], by: Visitor): Promise<Changed>
    /** Undefined where the address is none, or taken. */
    create(request: AccountRequest, by: Visitor): Promise<NewAccountReply | undefined>
  }
  readonly clients: Listed<ClientReply> & { change(id: string, what: 'disable' | 'enable'): Promise<Changed> }
  readonly keys: Listed<KeyReply> & {
    change(id: string, what: 'disable' | 'enable' | 'revoke'): Promise<Changed>
    /** Undefined where no key can be made of it. */
    create(request: KeyRequest): Promise<NewKeyReply | undefined>
  }
  readonly sessions: {
    list(
      limit: number,
      after: string | undefined,
      account: string | undefined,
    ): Promise<ItemsReply<AccountSession> | undefined>
    end(id: string, by: Visitor): Promise<Changed>
  }
  readonly locks: Listed<LockReply> & { open(id: string): Promise<Changed> }
  /** False where the issuer is none of the configuration, or must be named. */
  revoke(request: RevocationRequest): Promise<boolean>
}

const paging: readonly QueryParameter[] = [
  {
    name: 'limit',
    description: 'Items in the page.',
    schema: { type: 'integer', minimum: 1, maximum: 500, default: 100 },
  },
  { name: 'after', description: '`next` of the page before.', schema: { type: 'string', maxLength: 512 } },
]
const done = { type: 'object', required: ['done'], properties: { done: { type: 'string' } } } as const
const why = Type.Object(
  { reason: Type.Optional(Type.String({ maxLength: 500 })) },
  { additionalProperties: false },
)
const accountBody = Type.Object(
  {
    email: Type.String({ minLength: 3, maxLength: 254 }),
    name: Type.Optional(Type.String({ minLength: 1, maxLength: 128 })),
    roles: roleNames,
  },
  { additionalProperties: false },
)
const rolesBody = Type.Object({ roles: roleNames }, { additionalProperties: false })
const named = Type.String({ minLength: 1, maxLength: 1_024 })
const revocationBody = Type.Object(
  {
    subject: Type.Optional(named),
    client: Type.Optional(named),
    tokenId: Type.Optional(named),
    issuer: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
    reason: Type.String({ maxLength: 500 }),
  },
  { additionalProperties: false },
)

/** Accounts, clients, keys, sessions, locks, and taking back what was issued. */
export function createIdentityRoutes(source: Identities): RouteModule {
  const { accounts, clients, keys, sessions, locks } = source
  return {
    routes: [
      listing('accounts', 'Accounts of the embedded server, by e-mail address', accounts),
      {
        method: 'POST',
        path: '/api/v1/accounts',
        operationId: 'createAccount',
        summary: 'Makes an account without a password; the link chooses one, good once',
        body: accountBody,
        reply: { type: 'object', required: ['account', 'link', 'expires'] },
        also: { 409: 'The address is none, or taken' },
        target: ({ body }) => ({ type: 'roles', id: (body as AccountRequest).roles.join(' ') }),
        async answer({ body, visitor }) {
          const made = visitor && (await accounts.create(body as AccountRequest, visitor))
          return made === undefined ? { refused: 'ADMIN_CONFLICT' } : { status: 200, json: made }
        },
      },
      change(
        'accounts',
        'disable',
        'operator',
        'Nothing signs in any more; sessions and tokens end',
        (id, by) => accounts.change(id, 'disable', by),
      ),
      change('accounts', 'enable', 'administrator', 'Lets an account sign in again', (id, by) =>
        accounts.change(id, 'enable', by),
      ),
      change('accounts', 'unlock', 'operator', 'Takes delays and locks off', (id, by) =>
        accounts.change(id, 'unlock', by),
      ),
      change('accounts', 'sign-out', 'operator', 'Ends all sessions and tokens of an account', (id, by) =>
        accounts.change(id, 'sign-out', by),
      ),
      {
        method: 'POST',
        path: '/api/v1/accounts/{id}/roles',
        operationId: 'setAccountRoles',
        summary: 'Sets the roles of an account; it has to sign in again',
        body: rolesBody,
        reply: done,
        async answer({ id, body, visitor }) {
          if (visitor === undefined) return undefined
          return replyOf(
            await accounts.setRoles(id, (body as Static<typeof rolesBody>).roles, visitor),
            'roles',
          )
        },
      },
      listing('clients', 'Clients of the embedded server, by id', clients),
      change('clients', 'disable', 'operator', 'Refuses a client; its tokens end', (id) =>
        clients.change(id, 'disable'),
      ),
      change('clients', 'enable', 'administrator', 'Lets a client in again', (id) =>
        clients.change(id, 'enable'),
      ),
      listing('keys', 'API keys that the gateway issued, in the order of their last change', keys),
      newKeyRoute(keys),
      change('keys', 'disable', 'operator', 'Refuses a key for now', (id) => keys.change(id, 'disable')),
      change('keys', 'enable', 'administrator', 'Lets a key in again', (id) => keys.change(id, 'enable')),
      change('keys', 'revoke', 'operator', 'Refuses a key for good', (id) => keys.change(id, 'revoke')),
      {
        ...listing('sessions', 'Browsers that are signed in at the embedded server', {
          list: () => Promise.resolve(undefined),
        }),
        query: [
          ...paging,
          {
            name: 'account',
            description: 'Of this subject alone.',
            schema: { type: 'string', maxLength: 512 },
          },
        ],
        async answer({ query }) {
          const account = query.get('account')
          const after = query.get('after')
          const page = await sessions.list(
            Number(query.get('limit')),
            after === undefined ? undefined : String(after),
            account === undefined ? undefined : String(account),
          )
          return page && { status: 200, json: page }
        },
      },
      remove('sessions', 'endSession', 'Signs one browser out', 'ended', (id, by) => sessions.end(id, by)),
      listing('locks', 'Keys that limits have locked', locks),
      remove('locks', 'openLock', 'Opens a lock; the key begins with a whole budget', 'opened', (id) =>
        locks.open(id),
      ),
      {
        method: 'POST',
        path: '/api/v1/revocations',
        operationId: 'revoke',
        summary: 'Takes back one token, or everything that a caller or a client was issued so far',
        role: 'operator',
        body: revocationBody,
        reply: done,
        also: { 409: 'No such issuer, or a subject without one' },
        target({ body }) {
          const { subject, client, tokenId } = body as RevocationRequest
          if (subject !== undefined) return { type: 'subject', id: subject }
          return client === undefined ? { type: 'token', id: tokenId ?? '' } : { type: 'client', id: client }
        },
        async answer({ body }) {
          const request = body as RevocationRequest
          const written = [request.subject, request.client, request.tokenId].filter(
            (one) => one !== undefined,
          )
          if (written.length !== 1)
            return { refused: 'ADMIN_INPUT', members: [{ pointer: '', code: 'oneOf' }] }
          return (await source.revoke(request))
            ? { status: 200, json: { done: 'revoked' } satisfies DoneReply }
            : { refused: 'ADMIN_CONFLICT' }
        },
      },
    ],
  }
}

function listing<T>(name: string, summary: string, source: Listed<T>): Route {
  return {
    path: `/api/v1/${name}`,
    operationId: `list${name[0]?.toUpperCase()}${name.slice(1)}`,
    summary,
    query: paging,
    reply: {
      type: 'object',
      required: ['items'],
      properties: {
        items: { type: 'array', items: { type: 'object' } },
        next: { type: 'string', description: 'Pass as `after` for the next page.' },
      },
    },
    also: { 404: 'Nothing of the kind in this configuration' },
    async answer({ query }) {
      const after = query.get('after')
      const page = await source.list(
        Number(query.get('limit')),
        after === undefined ? undefined : String(after),
      )
      return page && { status: 200, json: page }
    },
  }
}

function change(
  name: 'accounts' | 'clients' | 'keys',
  what: string,
  role: 'operator' | 'administrator',
  summary: string,
  run: (id: string, by: Visitor) => Promise<Changed>,
): Route {
  const action = what.replace(/-(\w)/, (_, letter: string) => letter.toUpperCase())
  return {
    method: 'POST',
    path: `/api/v1/${name}/{id}/${what}`,
    operationId: `${action}${name[0]?.toUpperCase()}${name.slice(1, -1)}`,
    summary,
    role,
    body: why,
    bodyOptional: true,
    reply: done,
    also: { 409: 'Not possible as things are' },
    answer: (question) => applied(question, what, run),
  }
}

function remove(
  name: string,
  operationId: string,
  summary: string,
  what: string,
  run: (id: string, by: Visitor) => Promise<Changed>,
): Route {
  return {
    method: 'DELETE',
    path: `/api/v1/${name}/{id}`,
    operationId,
    summary,
    role: 'operator',
    body: why,
    bodyOptional: true,
    reply: done,
    answer: (question) => applied(question, what, run),
  }
}

async function applied(
  { id, visitor }: Question,
  what: string,
  run: (id: string, by: Visitor) => Promise<Changed>,
): Promise<RouteReply> {
  return visitor === undefined ? undefined : replyOf(await run(id, visitor), what)
}

function replyOf(changed: Changed, what: string): RouteReply {
  switch (changed) {
    case 'done':
      return { status: 200, json: { done: what } satisfies DoneReply }
    case 'none':
      return undefined
    case 'conflict':
      return { refused: 'ADMIN_CONFLICT' }
    case 'role':
      return { refused: 'ADMIN_ROLE' }
  }
}
