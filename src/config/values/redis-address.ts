import { Secret } from '../secret.ts'
import { isLoopback } from './parse-address.ts'
import { AddressError, durationIn, parseStoreAddress } from './store-address.ts'

/** Where Redis or Valkey is and how it is used. */
export interface RedisConfig {
  readonly kind: 'redis'
  readonly mode: 'single' | 'cluster' | 'sentinel'
  /** The server; some servers of the cluster; the sentinels. */
  readonly nodes: readonly { readonly host: string; readonly port: number }[]
  /** Name under which the sentinels know the master. */
  readonly name: string | undefined
  readonly user: string | undefined
  readonly password: Secret | undefined
  readonly sentinelUser: string | undefined
  readonly sentinelPassword: Secret | undefined
  readonly database: number
  readonly tls: boolean
  /** PEM file: authorities of its certificate. */
  readonly authorities: string | undefined
  /** What every key and channel begins with, so that several gateways can share a server. */
  readonly prefix: string
  /** Milliseconds for which an answer is waited. */
  readonly timeoutMs: number
  /** Milliseconds for which a process may decide on a busy budget by itself, of what it has reserved; 0: never. */
  readonly leaseMs: number
  /** True where every node is this machine. */
  readonly local: boolean
}

const example = 'rediss://sallyport:PASSWORD@redis.example:6379/0'

/** Reads `redis://…` or `rediss://…`, one host or several. Throws `AddressError`. */
export function parseRedisAddress(text: string): RedisConfig {
  const address = parseStoreAddress(text, 'the address of Redis', example, [
    'cluster',
    'sentinel',
    'sentinel_user',
    'sentinel_password',
    'ca',
    'prefix',
    'timeout',
    'lease',
  ])
  const { hosts, parameters, path, scheme } = address
  const fail = (why: string, fix = `write it like \`${example}\``): AddressError =>
    new AddressError(`the address of Redis: ${why}`, fix)
  if (hosts.length === 0) throw fail('there is no host')
  const cluster = parameters.get('cluster')
  if (cluster !== undefined && cluster !== 'true' && cluster !== 'false')
    throw fail('`cluster` is true or false', 'write `cluster=true`')
  const name = parameters.get('sentinel')
  if (name === '') throw fail('`sentinel` is the name of the master', 'write for example `sentinel=mymaster`')
  const mode = cluster === 'true' ? 'cluster' : name === undefined ? 'single' : 'sentinel'
  if (cluster === 'true' && name !== undefined)
    throw fail('it is a cluster or watched by sentinels, not both')
  if (mode === 'single' && hosts.length > 1)
    throw fail('there is more than one host', 'write `?cluster=true` or `?sentinel=NAME` after them')
  const database = path === '' ? 0 : /^\d{1,4}$/.test(path) ? Number(path) : Number.NaN
  if (Number.isNaN(database)) throw fail('what follows the host is the number of a database')
  if (mode === 'cluster' && database !== 0) throw fail('a cluster has no database but 0')
  const prefix = parameters.get('prefix') ?? 'sallyport'
  if (!/^[A-Za-z0-9._-]{1,64}$/.test(prefix))
    throw fail('`prefix` is made of letters, digits, `.`, `_` and `-`', 'write `prefix=sallyport`')
  const tls = scheme === 'rediss'
  const authorities = parameters.get('ca')
  if (authorities !== undefined && !tls)
    throw fail('it names authorities and uses no TLS', 'write `rediss://`')
  const sentinelPassword = parameters.get('sentinel_password')
  if (mode !== 'sentinel' && (sentinelPassword !== undefined || parameters.has('sentinel_user')))
    throw fail('`sentinel_user` and `sentinel_password` need `sentinel`')
  return {
    kind: 'redis',
    mode,
    nodes: hosts.map(({ host, port }) => ({ host, port: port ?? (mode === 'sentinel' ? 26_379 : 6379) })),
    name,
    user: address.user,
    password: address.password,
    sentinelUser: parameters.get('sentinel_user'),
    sentinelPassword: sentinelPassword === undefined ? undefined : new Secret(sentinelPassword),
    database,
    tls,
    authorities,
    prefix,
    timeoutMs: durationIn(address, 'timeout', '250ms', 10, 10_000),
    leaseMs: durationIn(address, 'lease', '100ms', 0, 10_000),
    local: hosts.every(({ host }) => isLoopback(host)),
  }
}
