import Type, { type TArray, type TString } from 'typebox'
import type { KeyRequest, NewKeyReply } from './contract.ts'
import type { Route } from './route.ts'

/** Words as tokens have them (RFC 6749 §3.3). */
export const roleNames: TArray<TString> = Type.Array(
  Type.String({ pattern: '^[\\x21\\x23-\\x5b\\x5d-\\x7e]{1,128}$' }),
  { maxItems: 50 },
)
const keyBody = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 128 }),
    owner: Type.String({ minLength: 1, maxLength: 128 }),
    scopes: roleNames,
    roles: roleNames,
    expires: Type.Optional(Type.String({ pattern: '^\\d{4}-\\d\\d-\\d\\dT[\\d:.]{8,15}Z$' })),
  },
  { additionalProperties: false },
)

/** `POST keys`: the one reply that ever has the text of a key. */
export function newKeyRoute(keys: { create(request: KeyRequest): Promise<NewKeyReply | undefined> }): Route {
  return {
    method: 'POST',
    path: '/api/v1/keys',
    operationId: 'createKey',
    summary: 'Makes an API key; its text is in this reply alone',
    body: keyBody,
    reply: { type: 'object', required: ['key', 'text'] },
    also: { 409: 'A name, an owner or an end that cannot be' },
    target: ({ body }) => ({ type: 'key', id: (body as KeyRequest).name }),
    async answer({ body }) {
      const made = await keys.create(body as KeyRequest)
      return made === undefined ? { refused: 'ADMIN_CONFLICT' } : { status: 200, json: made }
    },
  }
}
