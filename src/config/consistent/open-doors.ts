import { type Control, controls } from '../../kernel/mode.ts'
import type { Config } from '../config.ts'
import type { Reading } from '../reading.ts'
import type { ApiConfig } from '../types/api-config.ts'
import { isLoopback } from '../values/parse-address.ts'

/** Names every door that the file itself leaves open; a warning each, rule `open-door.*`. */
export function findOpenDoors(config: Config, reading: Reading): void {
  for (const { plaintext, kind, host, address, pointer } of config.listen)
    if (plaintext && kind === 'plain' && !isLoopback(host))
      reading.warn(
        `${pointer}/plaintext`,
        'open-door.plaintext',
        `plain HTTP on ${address}: whoever is on the way reads tokens`,
      )
  for (const { name, signingKey, pointer } of config.issuers)
    if (signingKey !== undefined)
      reading.warn(
        `${pointer}/signingKey`,
        'open-door.development-issuer',
        `issuer \`${name}\` signs with a key on this machine: who reads the file can be anybody`,
      )
  if (config.admin !== undefined && !isLoopback(config.admin.host))
    reading.warn(
      `${config.admin.pointer}/address`,
      'open-door.admin-plaintext',
      `the admin address ${config.admin.address} is plain HTTP: whoever is on the way reads its token`,
    )
  const { durable, shared } = config.store
  if (durable.kind === 'postgres' && durable.tls !== 'verified' && !isOwnHost(durable.host))
    reading.warn(
      '/store/durable',
      'open-door.store-tls',
      durable.tls === 'off'
        ? 'PostgreSQL is spoken to over the network in the clear: whoever is on the way reads accounts and audit events'
        : 'PostgreSQL’s certificate is not checked: whoever is on the way can answer in its place',
      'write `sslmode=verify-full`, and `sslrootcert=FILE` for an authority of your own',
    )
  if (shared.kind === 'redis' && !shared.tls && !shared.local)
    reading.warn(
      '/store/shared',
      'open-door.store-tls',
      'Redis is spoken to over the network in the clear: whoever is on the way reads its password, and can lift limits and revocations',
      'write `rediss://`, and `ca=FILE` for an authority of your own',
    )
  if (durable.kind === 'none' || (durable.kind === 'sqlite' && durable.file === ':memory:'))
    reading.warn(
      '/store/durable',
      'store.volatile',
      config.keys === undefined
        ? 'revocations do not survive a restart: a token that was taken back counts again'
        : 'revocations and API keys do not survive a restart, and no command reaches them',
      'write `durable: "sqlite:sallyport.db"`',
    )
  findStoreMeaning(config, reading)
  for (const api of config.apis) findApiDoors(api, reading)
}

/** What two stores mean together that one would not think of. */
function findStoreMeaning({ store: { durable, shared } }: Config, reading: Reading): void {
  if (durable.kind === 'postgres' && shared.kind === 'memory')
    reading.note(
      '/store/shared',
      'store.meaning',
      'each gateway counts limits, used one-time values and places in flows by itself: `n` gateways on this database let `n` times as many calls pass, and a proof passes once in each',
      'write `shared: rediss://…` where there is more than one gateway',
    )
  if (durable.kind !== 'postgres' && shared.kind === 'redis')
    reading.note(
      '/store/durable',
      'store.meaning',
      'limits, one-time values, revocations and given objects are those of all gateways on this Redis; accounts, clients, API keys and audit events are of this machine alone',
      'write `durable: postgres://…` where other gateways must know them',
    )
}

/** Rules of an API, or of its contract, that refuse nothing. */
export function findRuleDoors(
  api: Pick<ApiConfig, 'name' | 'functions' | 'objects' | 'properties' | 'limits'>,
  reading: Reading,
): void {
  for (const { mode, pointer } of [...api.functions, ...api.objects, ...api.properties, ...api.limits])
    if (mode === 'observe' || mode === 'off')
      reading.warn(
        `${pointer}/mode`,
        'open-door.rule',
        `API \`${api.name}\`: a rule ${mode === 'off' ? 'is off' : 'only watches'}`,
      )
}

function findLimitDoors(api: ApiConfig, reading: Reading): void {
  for (const { onFault, pointer } of api.limits)
    if (onFault === 'allow')
      reading.warn(
        `${pointer}/onFault`,
        'open-door.limit-fault',
        `API \`${api.name}\`: while the store does not answer, this limit lets every call pass`,
      )
}

function findApiDoors(api: ApiConfig, reading: Reading): void {
  const { name, pointer } = api
  findRuleDoors(api, reading)
  findLimitDoors(api, reading)
  if (api.mode === 'observe')
    reading.warn(`${pointer}/mode`, 'open-door.observe', `API \`${name}\`: nothing is refused, only recorded`)
  for (const control of controls) {
    const mode = writtenMode(api, control)
    if (mode === 'off')
      reading.warn(
        `${pointer}/controls/${control}`,
        'open-door.control',
        `API \`${name}\`: the control \`${control}\` is off`,
      )
    if (mode === 'observe')
      reading.warn(
        `${pointer}/controls/${control}`,
        'open-door.control',
        `API \`${name}\`: the control \`${control}\` only watches`,
      )
  }
  for (const use of api.security)
    if (use.public)
      reading.warn(
        use.pointer,
        'open-door.public-scheme',
        `API \`${name}\`: what the contract protects with \`${use.scheme}\` is open to everybody`,
      )
  if (api.cors?.origins.includes('*'))
    reading.warn(
      `${pointer}/cors/origins`,
      'open-door.cors',
      `API \`${name}\`: pages of every origin may read its replies`,
    )
  for (const selector of api.open)
    reading.warn(
      `${pointer}/open`,
      'open-door.written',
      `API \`${name}\`: \`${selector}\` is open to everybody`,
    )
  if (api.prune !== 'enforce' && api.mode === 'enforce')
    reading.warn(
      `${pointer}/prune`,
      'open-door.prune',
      `API \`${name}\`: properties of replies that the contract does not declare reach callers`,
    )
  const url = URL.parse(api.upstream.url)
  if (url?.protocol === 'http:' && !isLoopback(url.hostname.replace(/^\[|\]$/g, '')))
    reading.warn(
      api.upstream.pointer,
      'open-door.upstream-plaintext',
      `API \`${name}\`: calls go to the upstream as plain HTTP over the network`,
    )
}

/** A mode that is weaker than what would hold without a word about it. */
function writtenMode(api: ApiConfig, control: Control): 'off' | 'observe' | undefined {
  const mode = api.controls[control]
  if (mode === 'enforce' || ['secrets', 'context'].includes(control)) return undefined
  if (mode === 'observe' && (api.mode === 'observe' || control === 'response-schema')) return undefined
  return mode
}

/** This machine, or a Unix socket of it. */
function isOwnHost(host: string): boolean {
  return host.startsWith('/') || isLoopback(host)
}
