import type { Arrived, Reply } from '../kernel/facts.ts'
import { proofAlgorithms } from '../stages/identify/dpop/proof-key.ts'
import { ownReply } from './own-reply.ts'
import type { Policy, PolicyApi } from './policy/policy.ts'
import { toolScopesOf } from './policy/tool-scopes.ts'

const wellKnown = '/.well-known/oauth-protected-resource'

/** The metadata of every API as a protected resource (RFC 9728). */
export interface ResourceMetadata {
  /** The document at a well-known path; undefined for every other call. */
  reply(arrived: Arrived): Reply | undefined
  /** Where the metadata of an API is, as the caller of this request reaches it. */
  urlOf(api: string, call: Pick<Arrived, 'authority' | 'channel'>): string
}

interface Entry {
  readonly host: string | undefined
  /** Path of the document. */
  readonly path: string
  /** Without `resource` where only a request tells it. */
  readonly document: Readonly<Record<string, unknown>>
  readonly resource: string | undefined
  readonly basePath: string
}

/**
 * Compiles the documents: `resource` is what the configuration calls the API, else the audience of its issuers, else
 * the URL by which it is reached. Each is served below the path of the resource and below the base path.
 */
export function createResourceMetadata(policy: Pick<Policy, 'loaded' | 'apis'>): ResourceMetadata {
  const entries: Entry[] = []
  const places = new Map<string, { readonly origin: string | undefined; readonly path: string }>()
  for (const api of policy.apis) {
    const { host, url } = api.config
    const external = url === undefined ? null : URL.parse(url)
    const resource = api.config.resource ?? audienceUrl(policy, api) ?? url
    const document = documentOf(policy, api)
    const own = external === null ? api.basePath : pathOf(external)
    const identified = resource === undefined ? null : URL.parse(resource)
    const paths = new Set([own, api.basePath, identified === null ? own : pathOf(identified)])
    for (const path of paths)
      entries.push({ host, path: wellKnown + path, document, resource, basePath: api.basePath })
    places.set(api.config.name, { origin: external?.origin, path: wellKnown + own })
  }

  return {
    reply(arrived) {
      if (!arrived.path.startsWith(wellKnown)) return undefined
      if (arrived.method !== 'GET' && arrived.method !== 'HEAD') return undefined
      const host = hostOf(arrived.authority)
      // RFC 9728 §3.1: a slash at the end of the path is none of the resource's.
      const path = arrived.path.endsWith('/') ? arrived.path.slice(0, -1) : arrived.path
      const here = entries.filter((entry) => entry.path === path)
      const entry = here.find((one) => one.host === host) ?? here.find((one) => one.host === undefined)
      if (entry === undefined) return undefined
      const resource = entry.resource ?? originOf(arrived) + entry.basePath
      return ownReply(arrived, Buffer.from(JSON.stringify({ resource, ...entry.document })))
    },
    urlOf(api, call) {
      const { origin, path } = places.get(api) ?? { origin: undefined, path: wellKnown }
      return (origin ?? originOf(call)) + path
    },
  }
}

function documentOf(policy: Pick<Policy, 'loaded'>, api: PolicyApi): Readonly<Record<string, unknown>> {
  const { config } = policy.loaded
  const issuers = issuersOf(policy, api)
  const uses = api.contract.operations.flatMap((one) => one.security.flat())
  const exposed = api.exposes?.tools ?? []
  const offered = exposed.flatMap(({ operation }) => operation.security.flat().flatMap((use) => use.scopes))
  const own = uses.flatMap((use) => (isTokenScheme(api, use.scheme) ? use.scopes : []))
  const scopes = [...new Set([...own, ...offered, ...toolScopesOf(api)])]
  return {
    ...(issuers.length > 0 && { authorization_servers: [...new Set(issuers.map((one) => one.issuer))] }),
    ...(scopes.length > 0 && { scopes_supported: scopes.sort() }),
    bearer_methods_supported: ['header'],
    dpop_signing_alg_values_supported: proofAlgorithms,
    ...(issuers.length > 0 &&
      issuers.every((one) => one.dpop === 'required') && { dpop_bound_access_tokens_required: true }),
    ...(config.listen.some(({ tls }) => tls?.kind === 'files' && tls.clientAuthorities !== undefined) && {
      tls_client_certificate_bound_access_tokens: true,
    }),
  }
}

/** Issuers whose tokens the API takes; those without an entry under `security` mean everyone. */
function issuersOf(policy: Pick<Policy, 'loaded'>, api: PolicyApi): Policy['loaded']['config']['issuers'] {
  const { issuers } = policy.loaded.config
  const tokenSchemes = [...api.contract.schemes.values()].filter((one) => isTokenScheme(api, one.name))
  const written = api.config.security
  if (tokenSchemes.some((scheme) => !written.some((use) => use.scheme === scheme.name))) return issuers
  const names = new Set(written.flatMap((use) => use.issuers))
  return issuers.filter((issuer) => names.has(issuer.name))
}

function isTokenScheme(api: PolicyApi, name: string): boolean {
  const type = api.contract.schemes.get(name)?.type
  return type === 'oauth2' || type === 'openIdConnect' || type === 'http'
}

/** The one audience of the API's issuers, where it is a URL. */
function audienceUrl(policy: Pick<Policy, 'loaded'>, api: PolicyApi): string | undefined {
  const audiences = new Set(issuersOf(policy, api).flatMap((issuer) => issuer.audience[0] ?? []))
  const [only] = audiences
  if (audiences.size !== 1 || only === undefined) return undefined
  const url = URL.parse(only)
  return url !== null && /^https?:$/.test(url.protocol) && url.hash === '' ? only : undefined
}

function pathOf(url: URL): string {
  return url.pathname.replace(/\/$/, '')
}

function originOf({ authority, channel }: Pick<Arrived, 'authority' | 'channel'>): string {
  return `${channel.secure ? 'https' : 'http'}://${authority}`
}

function hostOf(authority: string): string {
  const colon = authority.lastIndexOf(':')
  return colon > authority.lastIndexOf(']') ? authority.slice(0, colon) : authority
}
