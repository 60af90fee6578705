import type { Config } from '../config.ts'
import type { Reading } from '../reading.ts'
import type { ApiConfig } from '../types/api-config.ts'
import { isLoopback } from '../values/parse-address.ts'
import { nearest } from '../yaml/nearest.ts'

/** What an API's parts must be to one another and to the rest. */
export function checkApis(config: Config, reading: Reading): void {
  const issuers = config.issuers.map((issuer) => issuer.name)
  for (const [index, api] of config.apis.entries()) {
    checkSecurity(api, config, issuers, reading)
    checkObjects(api, issuers, reading)
    checkUpstream(api, config, reading)
    checkCors(api, reading)
    checkExternal(api, reading)
    checkDetectors(api, reading)
    const twin = config.apis
      .slice(0, index)
      .find((other) => other.host === api.host && other.basePath === api.basePath)
    if (twin !== undefined)
      reading.error(
        api.pointer,
        'config.api-overlap',
        `\`${twin.name}\` and \`${api.name}\` would answer for the same host and paths`,
        'give each a `host`, or a `basePath`',
      )
  }
}

function checkSecurity(api: ApiConfig, config: Config, issuers: readonly string[], reading: Reading): void {
  for (const use of api.security) {
    if (use.public && use.issuers.length > 0)
      reading.error(
        use.pointer,
        'config.public-and-more',
        '`public` together with issuers would let everybody in',
        'keep one of them',
      )
    for (const name of use.issuers) {
      if (name === 'keys' && config.keys === undefined)
        reading.error(
          use.pointer,
          'config.keys-missing',
          'API keys are named here, but `keys` is not written',
          'add `keys: { header: X-API-Key }`',
        )
      if (name === 'certificates' && config.certificates === undefined)
        reading.error(
          use.pointer,
          'config.certificates-missing',
          'client certificates are named here, but `certificates` is not written',
          'add `certificates: { subject: san.uri }`',
        )
      if (issuers.includes(name) || name === 'keys' || name === 'certificates') continue
      const close = nearest(name, [...issuers, 'public'])
      reading.error(
        use.pointer,
        'config.unknown-issuer',
        `there is no issuer ${reading.show(use.pointer, name)}${close === undefined ? '' : `, did you mean \`${close}\`?`}`,
        issuers.length === 0 ? 'add it under `issuers`' : `known: ${issuers.join(', ')}`,
      )
    }
  }
}

/** What the API is called outside: `url` and `resource` (RFC 9728 §1.2: no fragment). */
function checkExternal(api: ApiConfig, reading: Reading): void {
  for (const key of ['url', 'resource'] as const) {
    const text = api[key]
    if (text === undefined) continue
    const url = URL.parse(text)
    const plain = url !== null && url.username === '' && url.password === '' && url.hash === ''
    if (!plain || !/^https?:$/.test(url.protocol) || (key === 'url' && url.search !== ''))
      reading.error(
        `${api.pointer}/${key}`,
        'config.external-url',
        `\`${key}\` must be an http or https URL without user, ${key === 'url' ? 'query or ' : ''}fragment`,
        'write for example `https://api.example.com/v1`',
      )
  }
}

/** Rules name detectors that there are. */
function checkDetectors({ content, detectors }: ApiConfig, reading: Reading): void {
  const known = detectors.map(({ name }) => name)
  for (const { detector, pointer } of content)
    if (detector !== undefined && !known.includes(detector))
      reading.error(
        `${pointer}/detector`,
        'config.unknown-detector',
        `there is no detector ${reading.show(`${pointer}/detector`, detector)}`,
        known.length === 0 ? 'add it under `detectors`' : `known: ${known.join(', ')}`,
      )
}

function checkObjects(api: ApiConfig, issuers: readonly string[], reading: Reading): void {
  for (const { issuers: named = [], pointer } of api.objects)
    for (const issuer of named)
      if (!issuers.includes(issuer))
        reading.error(
          `${pointer}/issuer`,
          'config.unknown-issuer',
          `there is no issuer ${reading.show(`${pointer}/issuer`, issuer)}`,
          `known: ${issuers.join(', ')}`,
        )
}

function checkUpstream({ upstream, pointer }: ApiConfig, config: Config, reading: Reading): void {
  const at = upstream.pointer
  const url = URL.parse(upstream.url)
  if (url === null || !/^https?:$/.test(url.protocol)) {
    reading.error(
      at,
      'config.upstream',
      'the upstream must be an http or https URL',
      'write for example `http://127.0.0.1:4000`',
    )
    return
  }
  if (url.username !== '' || url.password !== '')
    reading.error(
      at,
      'config.upstream',
      'the upstream URL must not hold a user name or a password',
      'remove them',
    )
  if (url.search !== '' || url.hash !== '')
    reading.error(
      at,
      'config.upstream',
      'the upstream URL must not hold a query or a fragment',
      'remove them',
    )
  const { authorities, serverName } = upstream.tls
  if (url.protocol === 'http:' && (authorities ?? serverName) !== undefined)
    reading.error(
      `${pointer}/upstream/tls`,
      'config.upstream',
      '`tls` is written, but the URL is plain http',
      'write an https URL',
    )
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const port = Number(url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : url.port)
  const own = config.listen.some(
    (listener) =>
      listener.port === port &&
      isLoopback(host) &&
      (isLoopback(listener.host) || listener.host === '0.0.0.0' || listener.host === '::'),
  )
  if (own)
    reading.error(
      at,
      'config.upstream-loop',
      'the upstream is a listener of this gateway: calls would go in circles',
      'write the address of the API itself',
    )
}

function checkCors({ cors, pointer }: ApiConfig, reading: Reading): void {
  if (cors === undefined) return
  const at = `${pointer}/cors/origins`
  if (cors.origins.includes('*')) {
    if (cors.credentials)
      reading.error(
        at,
        'config.cors',
        '`*` with `credentials: true` would let every page act as the caller',
        'list the origins',
      )
    if (cors.origins.length > 1)
      reading.error(at, 'config.cors', '`*` stands alone', 'remove the others, or `*`')
    return
  }
  for (const [index, origin] of cors.origins.entries())
    if (URL.parse(origin)?.origin !== origin)
      reading.error(
        `${at}/${index}`,
        'config.cors',
        `${reading.show(`${at}/${index}`, origin)} is not an origin`,
        'write scheme, host and port alone, such as `https://app.example.com`',
      )
}
