import { Secret } from '../secret.ts'
import { parseDuration } from './parse-duration.ts'

/** What is wrong with the address of a store, and what to write; never a part of the address, which holds a password. */
export class AddressError extends Error {
  readonly fix: string

  constructor(message: string, fix: string) {
    super(message)
    this.name = 'AddressError'
    this.fix = fix
  }
}

const escapes = 'characters like `/`, `@`, `?` and `#` of a password are written %2F, %40, %3F and %23'

/** An address cut into its parts, decoded. Several hosts are allowed: `redis://a:1,b:2/0?cluster=true`. */
export interface StoreAddress {
  readonly scheme: string
  readonly user: string | undefined
  readonly password: Secret | undefined
  /** Without a port: undefined. */
  readonly hosts: readonly { readonly host: string; readonly port: number | undefined }[]
  /** What follows the first slash. */
  readonly path: string
  readonly parameters: ReadonlyMap<string, string>
}

/** Parses it by hand: `URL` takes one host alone. Throws `AddressError`. */
export function parseStoreAddress(
  text: string,
  what: string,
  example: string,
  known: readonly string[],
): StoreAddress {
  const fix = `write it like \`${example}\``
  const fail = (why: string): AddressError => new AddressError(`${what}: ${why}`, fix)
  if (/[\s\p{Cc}]/u.test(text)) throw fail('there is white space or a control character in it')
  const parts =
    /^([a-z][a-z0-9+.-]*):\/\/(?:([^/?#]*)@)?([^/?#@]*)(?:\/([^?#]*))?(?:\?([^#]*))?(#.*)?$/i.exec(text)
  if (parts === null) throw fail(`it is no address; ${escapes}`)
  const [, scheme = '', credentials, authority = '', path = '', query = '', fragment] = parts
  if (path.includes('@')) throw fail(escapes)
  if (fragment !== undefined) throw fail('a `#` of a password is written %23')
  const decode = (value: string, of: string): string => {
    try {
      return decodeURIComponent(value)
    } catch {
      throw fail(`${of} has a broken % escape`)
    }
  }
  const colon = credentials?.indexOf(':') ?? -1
  const user = credentials === undefined ? '' : colon < 0 ? credentials : credentials.slice(0, colon)
  const password = credentials === undefined || colon < 0 ? '' : credentials.slice(colon + 1)
  const hosts = authority === '' ? [] : authority.split(',').map((one) => hostOf(one, fail))
  const parameters = new Map<string, string>()
  for (const pair of query === '' ? [] : query.split('&')) {
    const equals = pair.indexOf('=')
    const name = decode(equals < 0 ? pair : pair.slice(0, equals), 'a parameter')
    if (!known.includes(name))
      throw new AddressError(`${what}: no parameter is called so; there are ${known.join(', ')}`, fix)
    if (parameters.has(name)) throw fail(`the parameter \`${name}\` is there twice`)
    parameters.set(name, decode(equals < 0 ? '' : pair.slice(equals + 1), `the parameter \`${name}\``))
  }
  return {
    scheme: scheme.toLowerCase(),
    user: user === '' ? undefined : decode(user, 'the user'),
    password: password === '' ? undefined : new Secret(decode(password, 'the password')),
    hosts,
    path: decode(path, 'the path'),
    parameters,
  }
}

/** A whole number of a parameter, or what holds without it. Throws `AddressError`. */
export function numberIn(
  { parameters }: StoreAddress,
  name: string,
  usual: number,
  least: number,
  most: number,
): number {
  const text = parameters.get(name)
  if (text === undefined) return usual
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
  if (value >= least && value <= most) return value
  throw new AddressError(
    `the store’s parameter \`${name}\` must be a whole number from ${least} to ${most}`,
    `write \`${name}=${usual}\``,
  )
}

/** Milliseconds of a parameter like `250ms` or `5s`. Throws `AddressError`. */
export function durationIn(
  { parameters }: StoreAddress,
  name: string,
  usual: string,
  least: number,
  most: number,
): number {
  const value = parseDuration(parameters.get(name) ?? usual)
  if (value !== undefined && value >= least && value <= most) return value
  throw new AddressError(
    `the store’s parameter \`${name}\` must be a duration from ${least} ms to ${most} ms`,
    `write \`${name}=${usual}\``,
  )
}

function hostOf(
  text: string,
  fail: (why: string) => AddressError,
): { readonly host: string; readonly port: number | undefined } {
  const parts = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(\d{1,5}))?$/i.exec(text)
  if (parts === null) throw fail('a host is missing or is no host name or address')
  const [, host = '', written] = parts
  const port = written === undefined ? undefined : Number(written)
  if (port !== undefined && (port < 1 || port > 65_535)) throw fail('a port is not between 1 and 65535')
  return { host: host.replace(/^\[|\]$/g, ''), port }
}
