// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the syntax of identities
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { isObject, type JsonObject, own } from '../contract/schema.ts'
import { Unusable } from '../kernel/finding.ts'
import { type Credential, type Identity, readClaims } from './identity.ts'
import { isStaffWord } from './words.ts'

/** How an identity gets its credential: it has one, or it signs in first. */
export interface NamedIdentity {
  readonly identity: Identity
  /** Signs in at an operation of the contract that takes these. */
  readonly login?: {
    readonly operation: string | undefined
    readonly body: JsonObject
    readonly token: string | undefined
  }
  /** OAuth 2.0 client credentials (RFC 6749 §4.4). */
  readonly client?: {
    readonly url: string
    readonly id: string
    readonly secret: string
    readonly scope: string | undefined
  }
}

type Env = Readonly<Record<string, string | undefined>>

/**
 * Reads `--identity NAME=VALUE`. VALUE is a token or key, or says what it is: `key:…`, `basic:user:password`, `cookie:name=value`,
 * `header:Name: value`, `query:name=value`, `login:user:password`. `${NAME}` is an environment variable, `${file:PATH}` a file.
 * Throws `Unusable`.
 */
export function parseIdentity(text: string, env: Env): NamedIdentity {
  const at = text.indexOf('=')
  const name = text.slice(0, at)
  if (at < 1 || !/^[A-Za-z][\w-]{0,40}$/.test(name))
    throw wrong('--identity takes NAME=TOKEN', '--identity alice=TOKEN')
  const value = fill(text.slice(at + 1), env)
  if (value === '') throw wrong(`identity ${name} has an empty credential`, '--identity alice=TOKEN')
  const login = /^login:([^:]+):(.*)$/s.exec(value)
  if (login !== null)
    return {
      identity: identityOf(name, new Map(), {}),
      login: { operation: undefined, body: { username: login[1], password: login[2] }, token: undefined },
    }
  return { identity: identityOf(name, new Map([['*', credentialOf(value)]]), {}) }
}

function credentialOf(value: string): Credential {
  const [, kind, rest = ''] = /^(token|key|bearer|basic|cookie|header|query):(.*)$/s.exec(value) ?? []
  const pair = (separator: RegExp): [string, string] => {
    const at = rest.search(separator)
    if (at < 1) throw wrong(`a credential of kind ${kind} needs a name and a value`, 'cookie:session=VALUE')
    return [rest.slice(0, at), rest.slice(at + 1).trim()]
  }
  switch (kind) {
    case 'basic':
      return { in: 'header', name: 'authorization', value: `Basic ${Buffer.from(rest).toString('base64')}` }
    case 'cookie': {
      const [name, text] = pair(/=/)
      return { in: 'cookie', name, value: text }
    }
    case 'query': {
      const [name, text] = pair(/=/)
      return { in: 'query', name, value: text }
    }
    case 'header': {
      const [name, text] = pair(/[:=]/)
      return { in: 'header', name: name.toLowerCase(), value: text }
    }
    case undefined:
      return { in: 'any', value }
    default:
      return { in: 'any', value: rest }
  }
}

/** Reads a file of identities, YAML or JSON. Throws `Unusable`. */
export function readIdentities(file: string, env: Env): readonly NamedIdentity[] {
  let value: unknown
  try {
    value = parse(readFileSync(file, 'utf8'), { maxAliasCount: 10 })
  } catch {
    throw wrong(
      `${file}: not a file of identities that can be read`,
      'identities: { alice: { token: "${ALICE}" } }',
      file,
    )
  }
  const map = isObject(value) && isObject(own(value, 'identities')) ? own(value, 'identities') : value
  if (!isObject(map))
    throw wrong(`${file}: identities must be a map of names`, 'identities: { alice: { token: … } }', file)
  return Object.keys(map).map((name) => {
    const node = map[name]
    if (typeof node === 'string') return parseIdentity(`${name}=${node}`, env)
    if (!isObject(node)) throw wrong(`${file}: identity ${name} must be a map`, 'alice: { token: … }', file)
    return readOne(name, filled(node, env) as JsonObject, file)
  })
}

const keys = new Set([
  'token',
  'key',
  'header',
  'cookie',
  'query',
  'basic',
  'schemes',
  'login',
  'client',
  'role',
  'privileged',
  'ids',
  'expired',
  'idToken',
])

function readOne(name: string, node: JsonObject, file: string): NamedIdentity {
  const strange = Object.keys(node).find((key) => !keys.has(key))
  if (strange !== undefined)
    throw wrong(
      `${file}: identity ${name} has an unknown key \`${strange}\``,
      `one of ${[...keys].join(', ')}`,
      file,
    )
  const credentials = new Map<string, Credential>()
  for (const kind of ['token', 'key', 'header', 'cookie', 'query', 'basic']) {
    const value = own(node, kind)
    if (typeof value === 'string' && value !== '')
      credentials.set('*', credentialOf(kind === 'token' || kind === 'key' ? value : `${kind}:${value}`))
  }
  const schemes = own(node, 'schemes')
  if (isObject(schemes))
    for (const scheme of Object.keys(schemes)) credentials.set(scheme, credentialOf(String(schemes[scheme])))
  const identity = identityOf(name, credentials, node)
  const login = own(node, 'login')
  if (isObject(login)) {
    const { operation, token, body, ...rest } = login
    return {
      identity,
      login: {
        operation: typeof operation === 'string' ? operation : undefined,
        token: typeof token === 'string' ? token : undefined,
        body: isObject(body) ? body : rest,
      },
    }
  }
  const client = own(node, 'client')
  if (isObject(client)) {
    const text = (key: string): string => String(own(client, key) ?? '')
    return {
      identity,
      client: { url: text('url'), id: text('id'), secret: text('secret'), scope: text('scope') || undefined },
    }
  }
  if (credentials.size === 0)
    throw wrong(`${file}: identity ${name} has no credential`, 'token, key, login or client', file)
  return { identity }
}

function identityOf(name: string, credentials: ReadonlyMap<string, Credential>, node: JsonObject): Identity {
  const ids = new Map<string, readonly string[]>()
  const given = own(node, 'ids')
  if (isObject(given))
    for (const type of Object.keys(given)) {
      const value = given[type]
      ids.set(type, (Array.isArray(value) ? value : [value]).map(String))
    }
  const role = own(node, 'role')
  const [first] = credentials.values()
  const [expired, idToken] = [own(node, 'expired'), own(node, 'idToken')]
  return {
    name,
    credentials,
    ids,
    privileged:
      own(node, 'privileged') === true ||
      (typeof role === 'string' && isStaffWord(role)) ||
      isStaffWord(name) ||
      (first !== undefined && isStaffToken(first.value)),
    ...(typeof expired === 'string' && { expired }),
    ...(typeof idToken === 'string' && { idToken }),
  }
}

/** True where a JWT says that its holder is staff. Scopes are not asked: a client may have them for a caller who is none. */
export function isStaffToken(value: string): boolean {
  const claims = readClaims(value.replace(/^bearer /i, ''))
  if (claims === undefined) return false
  const roles = ['role', 'roles', 'groups', 'permissions', 'authorities'].flatMap((key) => {
    const claim = claims[key]
    return Array.isArray(claim) ? claim.map(String) : typeof claim === 'string' ? [claim] : []
  })
  return (
    claims['admin'] === true ||
    claims['is_admin'] === true ||
    claims['isAdmin'] === true ||
    roles.some(isStaffWord)
  )
}

/** Puts in `${NAME}` and `${file:PATH}`. */
function fill(text: string, env: Env): string {
  return text.replaceAll(/\$\{(file:)?([^}]+)\}/g, (_, file: string | undefined, name: string) => {
    if (file !== undefined)
      try {
        return readFileSync(name, 'utf8').replace(/\r?\n$/, '')
      } catch {
        throw wrong(`the file ${name} cannot be read`, 'write a file that there is')
      }
    const value = env[name]
    if (value === undefined) throw wrong(`the environment variable ${name} is not set`, `set ${name}`)
    return value
  })
}

function filled(value: unknown, env: Env): unknown {
  if (typeof value === 'string') return fill(value, env)
  if (Array.isArray(value)) return value.map((item) => filled(item, env))
  if (!isObject(value)) return value
  return Object.fromEntries(Object.keys(value).map((key) => [key, filled(value[key], env)]))
}

function wrong(message: string, fix: string, file?: string): Unusable {
  return new Unusable([
    {
      rule: 'probe.identity',
      severity: 'error',
      message,
      fix,
      ...(file === undefined ? {} : { place: { file } }),
    },
  ])
}
