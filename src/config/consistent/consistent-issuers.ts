// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the syntax of sallyport.yaml
import type { Config } from '../config.ts'
import type { Reading } from '../reading.ts'
import type { IssuerConfig } from '../types/identity-config.ts'
import { isLoopback } from '../values/parse-address.ts'

const reserved: ReadonlySet<string> = new Set(['public', 'keys', 'certificates', 'authority'])

/** What an issuer's parts must be to one another. */
export function checkIssuers(config: Config, reading: Reading): void {
  for (const [index, issuer] of config.issuers.entries()) {
    const { name, pointer } = issuer
    // The one that is implied by `authority` bears that name.
    if (reserved.has(name) && pointer.startsWith('/issuers/'))
      reading.error(
        pointer,
        'config.name',
        `an issuer cannot be called \`${name}\`: the word means something else under \`security\``,
        'choose another name',
      )
    if (issuer.clockTolerance > 60_000)
      reading.error(
        `${pointer}/clockTolerance`,
        'config.clock-tolerance',
        'a tolerance above 60s lets ended tokens live on',
        'write `clockTolerance: 30s`',
      )
    if (issuer.keysFresh > 60_000 || issuer.keysFresh === 0)
      reading.error(
        `${pointer}/keysFresh`,
        'config.keys-fresh',
        'a key that was taken back must stop within 60s',
        'write `keysFresh: 45s`',
      )
    if (issuer.tokens.kind === 'introspection') checkIntrospection(issuer, issuer.tokens.url, reading)
    else {
      checkAlgorithms(issuer, reading)
      checkKeys(issuer, reading)
    }
    if (issuer.keys.kind === 'authority') checkOwn(issuer, config, reading)
    const twin = config.issuers
      .slice(0, index)
      .find(
        (other) => other.issuer === issuer.issuer && other.audience.some((a) => issuer.audience.includes(a)),
      )
    if (twin !== undefined)
      reading.error(
        `${pointer}/issuer`,
        'config.issuer-twice',
        `\`${twin.name}\` has the same issuer and audience: a token would belong to both`,
        'keep one of them',
      )
  }
}

/** Tokens of the embedded server: what the server does, and no other, is what the APIs must expect. */
function checkOwn(issuer: IssuerConfig, { authority, store }: Config, reading: Reading): void {
  const { pointer } = issuer
  if (authority === undefined) {
    reading.error(
      `${pointer}/keys`,
      'config.authority-missing',
      '`keys: authority` means the embedded server, and there is none',
      'write `authority: { issuer: https://…/auth }`',
    )
    return
  }
  if (issuer.issuer !== authority.issuer)
    reading.error(
      `${pointer}/issuer`,
      'config.authority-issuer',
      'with `keys: authority` the issuer is that of the embedded server',
      `write \`issuer: ${authority.issuer}\``,
    )
  if (issuer.algorithms.join() !== 'ES256')
    reading.error(
      `${pointer}/algorithms`,
      'config.authority-algorithms',
      'the embedded server signs access tokens with ES256',
      'write `algorithms: [ES256]`',
    )
  for (const audience of issuer.audience)
    if (!/^[a-z][a-z0-9+.-]*:[^#\s]+$/.test(audience))
      reading.error(
        `${pointer}/audience`,
        'config.authority-audience',
        'audiences of the embedded server are absolute URLs without a fragment (RFC 8707)',
        'write for example `audience: https://api.travel.example`',
      )
  if (store.durable.kind === 'none')
    reading.error(
      '/store/durable',
      'config.authority-store',
      'the embedded server must keep accounts, clients and keys',
      'write `durable: "sqlite:sallyport.db"`',
    )
}

function checkAlgorithms({ algorithms, keys, pointer }: IssuerConfig, reading: Reading): void {
  const symmetric = algorithms.filter((algorithm) => algorithm.startsWith('HS'))
  const at = `${pointer}/algorithms`
  if (algorithms.length === 0)
    reading.error(
      pointer,
      'config.missing-key',
      'algorithms is missing: a token must not choose its own',
      'write for example `algorithms: [ES256]`',
    )
  if (symmetric.length > 0 && symmetric.length < algorithms.length)
    reading.error(
      at,
      'config.algorithms-mixed',
      'HS and public-key algorithms together: a public key could be used as a shared secret',
      'keep one kind; give the other kind an issuer of its own',
    )
  else if (symmetric.length > 0 && keys.kind !== 'secret')
    reading.error(
      at,
      'config.algorithms-keys',
      'HS algorithms need a shared secret',
      'write `keys: { secret: "${NAME}" }`',
    )
  else if (symmetric.length === 0 && keys.kind === 'secret')
    reading.error(
      at,
      'config.algorithms-keys',
      'a shared secret serves only HS algorithms',
      'write `algorithms: [HS256]`, or other `keys`',
    )
  if (keys.kind !== 'secret') return
  // RFC 7518 §3.2: a key at least as long as the hash.
  const least = Math.max(32, ...symmetric.map((algorithm) => Number(algorithm.slice(2)) / 8))
  if (keys.secret.bytes < least)
    reading.error(
      `${pointer}/keys/secret`,
      'config.secret-short',
      `the shared secret is shorter than ${least} bytes: it could be guessed`,
      `make one with \`openssl rand -base64 ${least}\``,
    )
}

function checkKeys({ keys, issuer, pointer }: IssuerConfig, reading: Reading): void {
  if (keys.kind === 'discovery')
    checkKeyUrl(issuer, `${pointer}/issuer`, 'with `keys: discovery` the issuer', reading)
  if (keys.kind === 'jwks-url') checkKeyUrl(keys.url, `${pointer}/keys/jwks`, 'the key set', reading)
}

/** Opaque tokens have no signature: what is written about one would never be looked at. */
function checkIntrospection(issuer: IssuerConfig, url: string, reading: Reading): void {
  const { algorithms, keys, pointer } = issuer
  if (algorithms.length > 0 || keys.kind !== 'discovery')
    reading.error(
      `${pointer}/${algorithms.length > 0 ? 'algorithms' : 'keys'}`,
      'config.introspection',
      'opaque tokens are not verified with keys: the issuer is asked about each',
      'remove it, or write `tokens: jwt`',
    )
  checkKeyUrl(
    url,
    `${pointer}/tokens/introspection`,
    'the introspection endpoint',
    reading,
    'write an https URL',
  )
}

/** Who can change the answer of this URL can make tokens. */
function checkKeyUrl(
  text: string,
  pointer: string,
  what: string,
  reading: Reading,
  fix = 'write an https URL, or name a file with `keys: { jwks: FILE }` or `keys: { publicKey: FILE }`',
): void {
  const url = URL.parse(text)
  if (url === null || !/^https?:$/.test(url.protocol)) {
    reading.error(pointer, 'config.key-url', `${what} must be an https URL`, fix)
    return
  }
  if (url.protocol === 'http:' && !isLoopback(url.hostname.replace(/^\[|\]$/g, '')))
    reading.error(
      pointer,
      'config.key-url',
      `${what} must be an https URL: what comes over plain HTTP can be read and replaced on the way`,
      fix,
    )
  if (url.username !== '' || url.password !== '' || url.hash !== '')
    reading.error(
      pointer,
      'config.key-url',
      `${what} must not hold a user name, a password or a fragment`,
      fix,
    )
}
