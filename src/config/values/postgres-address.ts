import type { Secret } from '../secret.ts'
import { isLoopback } from './parse-address.ts'
import { AddressError, durationIn, numberIn, parseStoreAddress } from './store-address.ts'

/** Where PostgreSQL is and how it is used. */
export interface PostgresConfig {
  readonly kind: 'postgres'
  /** A name, an address, or the folder of a Unix socket. */
  readonly host: string
  readonly port: number
  readonly database: string
  /** Schema of the tables; undefined: the first of the search path. */
  readonly schema: string | undefined
  readonly user: string | undefined
  readonly password: Secret | undefined
  /** `verified`: TLS, certificate and name checked. `unverified`: TLS with whoever answers. */
  readonly tls: 'off' | 'unverified' | 'verified'
  /** PEM files: authorities of its certificate, and the certificate to show. */
  readonly files: { readonly authorities?: string; readonly certificate?: string; readonly key?: string }
  /** Most connections of this process for accounts, keys and the rest; audit events have one more. */
  readonly pool: number
  /** Milliseconds after which a statement is given up. */
  readonly statementMs: number
  readonly connectMs: number
}

const example = 'postgres://sallyport:PASSWORD@db.example:5432/sallyport?sslmode=verify-full'
const modes = { disable: 'off', require: 'unverified', 'verify-full': 'verified' } as const

/** Reads `postgres://…`; parameters have libpq's names where it has them. Throws `AddressError`. */
export function parsePostgresAddress(text: string): PostgresConfig {
  const address = parseStoreAddress(text, 'the address of PostgreSQL', example, [
    'host',
    'sslmode',
    'sslrootcert',
    'sslcert',
    'sslkey',
    'schema',
    'pool',
    'statement_timeout',
    'connect_timeout',
  ])
  const { hosts, parameters } = address
  const fail = (why: string, fix = `write it like \`${example}\``): AddressError =>
    new AddressError(`the address of PostgreSQL: ${why}`, fix)
  const [first, second] = hosts
  if (second !== undefined)
    throw fail('there is more than one host; put a pooler or a virtual address in front of them')
  const host = first?.host ?? parameters.get('host')
  if (host === undefined) throw fail('there is no host')
  if (first !== undefined && parameters.has('host')) throw fail('there are two hosts')
  if (first === undefined && !host.startsWith('/')) throw fail('`host=` is the folder of a Unix socket')
  if (address.path === '') throw fail('there is no database name after the host')
  if (address.path.includes('/')) throw fail('the database name has a slash')
  const schema = parameters.get('schema')
  if (schema !== undefined && !/^[a-z_][a-z0-9_]{0,62}$/.test(schema))
    throw fail('`schema` is made of small letters, digits and `_`', 'write `schema=sallyport`')
  const local = host.startsWith('/') || isLoopback(host)
  const written = parameters.get('sslmode')
  if (written !== undefined && !Object.hasOwn(modes, written))
    throw fail(`\`sslmode\` is one of ${Object.keys(modes).join(', ')}`, 'write `sslmode=verify-full`')
  const tls = written === undefined ? (local ? 'off' : 'verified') : modes[written as keyof typeof modes]
  if (host.startsWith('/') && tls !== 'off') throw fail('a Unix socket has no TLS', 'leave `sslmode` out')
  const files = {
    ...named(parameters, 'sslrootcert', 'authorities'),
    ...named(parameters, 'sslcert', 'certificate'),
    ...named(parameters, 'sslkey', 'key'),
  }
  if ((files.certificate === undefined) !== (files.key === undefined))
    throw fail('`sslcert` and `sslkey` come together')
  if (tls === 'off' && Object.keys(files).length > 0)
    throw fail('it names certificates and uses no TLS', 'write `sslmode=verify-full`')
  return {
    kind: 'postgres',
    host,
    port: first?.port ?? 5432,
    database: address.path,
    schema,
    user: address.user,
    password: address.password,
    tls,
    files,
    pool: numberIn(address, 'pool', 10, 1, 200),
    statementMs: durationIn(address, 'statement_timeout', '5s', 100, 600_000),
    connectMs: durationIn(address, 'connect_timeout', '5s', 100, 60_000),
  }
}

function named<N extends string>(
  parameters: ReadonlyMap<string, string>,
  parameter: string,
  name: N,
): { [K in N]?: string } {
  const file = parameters.get(parameter)
  return file === undefined || file === '' ? {} : ({ [name]: file } as { [K in N]?: string })
}
