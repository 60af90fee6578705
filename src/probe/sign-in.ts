import type { LoadedContract } from '../contract/load-contract.ts'
import { flat } from '../contract/objects/known-types.ts'
import { isObject, type JsonObject, own } from '../contract/schema.ts'
import { Unusable } from '../kernel/finding.ts'
import { createOutbound } from '../outbound/create-outbound.ts'
import type { TargetClient, TargetReply } from '../outbound/create-target-client.ts'
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
    const { identity, login, client } = one
    const ask = async (through: TargetClient): Promise<Credential | undefined> =>
      login !== undefined
        ? await atOperation(one, login, { ...options, client: through })
        : client !== undefined
          ? { in: 'any' as const, value: await asClient(one, client) }
          : undefined
    const credential = await ask(options.client)
    if (credential === undefined) {
      identities.push(identity)
      continue
    }
    const credentials = new Map([...identity.credentials, ['*', credential]])
    identities.push({
      ...identity,
      credentials,
      privileged: identity.privileged || isStaffToken(credential.value),
      ...(login !== undefined && { signsInAs: withoutSecrets(login.body) }),
      async renew(through) {
        const fresh = await ask(through).catch(() => undefined)
        if (fresh !== undefined) credentials.set('*', fresh)
        return fresh?.value
      },
    })
  }
  return identities
}

function withoutSecrets(body: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(body).filter(([name]) => !/pass|pwd|secret|pin|otp|code/i.test(name)),
  )
}

async function atOperation(
  { identity }: NamedIdentity,
  login: NonNullable<NamedIdentity['login']>,
  { contract, client, prefix }: SignInOptions,
): Promise<Credential> {
  const operations = readOperations(contract, contract.objectIds())
  const operation =
    login.operation === undefined
      ? signInOf(operations)
      : operations.find((one) => one.declared.id === login.operation || one.title === login.operation)
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
  const found = credentialIn(reply, contract, login.token)
  if (found === undefined)
    throw refused(identity.name, `the reply of ${operation.title} has no token that its name would tell`)
  return found
}

/** The operation that takes a name and a password, rather than a second factor or a token. */
export function signInOf(operations: readonly ProbeOperation[]): ProbeOperation | undefined {
  const all = operations.filter((one) => one.signIn)
  const plain = /log-?_?in|sign-?_?in|authenticate|session/i
  return all.find(({ declared }) => plain.test(declared.template) || plain.test(declared.id)) ?? all[0]
}

/** The credential that the reply of a sign-in gives: a cookie, a member named like a token, a header. */
export function credentialIn(
  reply: TargetReply,
  contract: LoadedContract,
  member?: string,
): Credential | undefined {
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
    member === undefined
      ? tokenNames
          .map((name) => leaves.find((leaf) => flat(leaf.name) === name))
          .find((leaf) => leaf !== undefined)
      : leaves.find((leaf) => `/${leaf.path.join('/')}` === member || leaf.name === member)
  const header = reply.headers.get('authorization')?.replace(/^bearer /i, '')
  const found = token === undefined ? header : String(token.value)
  if (found === undefined || found === '') {
    const [pair] = (reply.headers.get('set-cookie') ?? '')
      .split('\n')
      .filter((one) => /^[^=;]*(?:session|sid|token|auth|jwt)[^=;]*=/i.test(one))
    const [name = '', text = ''] = (pair?.split(';')[0] ?? '').split(/=(.*)/s)
    return text === '' ? undefined : { in: 'cookie', name, value: text }
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
      (/^user/i.test(key)
        ? names.find((one) => /user|mail|login|name|handle|account|phone|mobile/i.test(one))
        : undefined) ??
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
