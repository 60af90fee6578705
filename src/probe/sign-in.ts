import type { LoadedContract } from '../contract/load-contract.ts'
import { flat } from '../contract/objects/known-types.ts'
import { isObject, type JsonObject, own } from '../contract/schema.ts'
import { Unusable } from '../kernel/finding.ts'
import { createOutbound } from '../outbound/create-outbound.ts'
import type { TargetClient } from '../outbound/create-target-client.ts'
import type { Credential, Identity } from './identity.ts'
import { bodyOf, buildCall, pathOf } from './plan/build-call.ts'
import { type ProbeOperation, readOperations } from './plan/probe-operation.ts'
import { isStaffToken, type NamedIdentity } from './read-identities.ts'
import { isYes, jsonOf, leavesOf } from './state/reply-facts.ts'

export interface SignInOptions {
  readonly contract: LoadedContract
  readonly client: TargetClient
  readonly prefix: string
}

/** Gives every identity its credential; those that have one keep it. Throws `Unusable`, without a secret. */
export async function signIn(
  named: readonly NamedIdentity[],
  options: SignInOptions,
): Promise<readonly Identity[]> {
  const identities: Identity[] = []
  for (const one of named) {
    const credential =
      one.login !== undefined
        ? await atOperation(one, one.login, options)
        : one.client !== undefined
          ? { in: 'any' as const, value: await asClient(one, one.client) }
          : undefined
    identities.push(
      credential === undefined
        ? one.identity
        : {
            ...one.identity,
            credentials: new Map([...one.identity.credentials, ['*', credential]]),
            privileged: one.identity.privileged || isStaffToken(credential.value),
          },
    )
  }
  return identities
}

async function atOperation(
  { identity }: NamedIdentity,
  login: NonNullable<NamedIdentity['login']>,
  { contract, client, prefix }: SignInOptions,
): Promise<Credential> {
  const operations = readOperations(contract, contract.objectIds())
  const operation = operations.find(
    (one) =>
      one.declared.id === login.operation ||
      one.title === login.operation ||
      (login.operation === undefined && one.signIn),
  )
  if (operation === undefined) throw refused(identity.name, 'the contract has no operation that signs in')
  const call = buildCall(operation.declared, bodyFills(operation, login.body, contract), {
    resolve: (schema) => contract.resolve(schema),
    marker: 'probe',
    seed: 1,
    examples: false,
  })
  const sent =
    call === undefined
      ? undefined
      : bodyOf({
          ...call,
          body: { ...(isObject(call.body) ? call.body : {}), ...onlyKnown(call.body, login.body) },
        })
  if (call === undefined || sent === undefined)
    throw refused(identity.name, 'no request to sign in can be made')
  const reply = await client.send({
    method: operation.declared.method,
    path: pathOf(call, prefix),
    headers: [
      ['content-type', sent.type],
      ['accept', 'application/json'],
    ],
    body: sent.text,
  })
  if (!isYes(reply))
    throw refused(
      identity.name,
      `${operation.title} answered ${reply.status === 0 ? 'nothing' : reply.status}`,
    )
  const cookie = [...contract.schemes.values()].find((one) => one.type === 'apiKey' && one.in === 'cookie')
  if (cookie?.type === 'apiKey') {
    const line = (reply.headers.get('set-cookie') ?? '')
      .split('\n')
      .find((one) => one.startsWith(`${cookie.field}=`))
    const value = line?.split(';')[0]?.slice(cookie.field.length + 1)
    if (value !== undefined && value !== '') return { in: 'any', value }
  }
  const value = jsonOf(reply)
  const leaves = leavesOf(value).filter((leaf) => typeof leaf.value === 'string')
  const token =
    login.token === undefined
      ? tokenNames
          .map((name) => leaves.find((leaf) => flat(leaf.name) === name))
          .find((leaf) => leaf !== undefined)
      : leaves.find((leaf) => `/${leaf.path.join('/')}` === login.token || leaf.name === login.token)
  const header = reply.headers.get('authorization')?.replace(/^bearer /i, '')
  const found = token === undefined ? header : String(token.value)
  if (found === undefined || found === '') {
    const [pair] = (reply.headers.get('set-cookie') ?? '')
      .split('\n')
      .filter((one) => /^[^=;]*(?:session|sid|token|auth|jwt)[^=;]*=/i.test(one))
    const [name = '', text = ''] = (pair?.split(';')[0] ?? '').split(/=(.*)/s)
    if (text !== '') return { in: 'cookie', name, value: text }
    throw refused(identity.name, `the reply of ${operation.title} has no token that its name would tell`)
  }
  return { in: 'any', value: found }
}

const tokenNames = [
  'accesstoken',
  'token',
  'authtoken',
  'idtoken',
  'jwt',
  'bearer',
  'sessiontoken',
  'sessionid',
  'apikey',
  'key',
]

/** The given members under the names that the operation has: `username` is put into `email` where that is what it asks for. */
function bodyFills(
  operation: ProbeOperation,
  body: JsonObject,
  contract: LoadedContract,
): ReadonlyMap<string, unknown> {
  const fills = new Map<string, unknown>()
  const media = operation.declared.body?.media[0]
  const node = contract.resolve(media?.schema)
  const properties = isObject(node) ? own(node, 'properties') : undefined
  const names = isObject(properties) ? Object.keys(properties) : []
  for (const key of Object.keys(body)) {
    const name =
      names.find((one) => flat(one) === flat(key)) ??
      (/^user/i.test(key) ? names.find((one) => /user|mail|login|name/i.test(one)) : undefined) ??
      (/^pass/i.test(key) ? names.find((one) => /pass|pwd|secret|pin/i.test(one)) : undefined) ??
      key
    fills.set(`body/${name}`, body[key])
  }
  return fills
}

/** Members that the request has not got under another name. */
function onlyKnown(made: unknown, body: JsonObject): JsonObject {
  const values = new Set(Object.values(isObject(made) ? made : {}))
  return Object.fromEntries(
    Object.keys(body).flatMap((key) => (values.has(body[key]) ? [] : [[key, body[key]]])),
  )
}

async function asClient(
  { identity }: NamedIdentity,
  client: NonNullable<NamedIdentity['client']>,
): Promise<string> {
  const outbound = createOutbound({ allowLoopback: true })
  try {
    const form = {
      grant_type: 'client_credentials',
      ...(client.scope === undefined ? {} : { scope: client.scope }),
    }
    const reply = await outbound.postForm(client.url, form, { id: client.id, secret: client.secret })
    const token = isObject(reply) ? own(reply, 'access_token') : undefined
    if (typeof token === 'string' && token !== '') return token
  } catch {
    throw refused(identity.name, 'the token endpoint gave no token')
  } finally {
    await outbound.close()
  }
  throw refused(identity.name, 'the token endpoint gave no token')
}

function refused(name: string, why: string): Unusable {
  return new Unusable([
    { rule: 'probe.sign-in', severity: 'error', message: `identity ${name} cannot sign in: ${why}` },
  ])
}
