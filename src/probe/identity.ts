import type { DeclaredOperation } from '../contract/declared.ts'
import type { JsonObject } from '../contract/schema.ts'
import type { SecurityScheme } from '../kernel/operation.ts'
import type { TargetClient } from '../outbound/create-target-client.ts'

/** A secret and where it goes. `any`: where the contract's security scheme says. */
export type Credential =
  | { readonly in: 'any'; readonly value: string }
  | { readonly in: 'header' | 'cookie' | 'query'; readonly name: string; readonly value: string }

/** Somebody the probe acts as. */
export interface Identity {
  readonly name: string
  /** By scheme of the contract; `*` for every other. */
  readonly credentials: ReadonlyMap<string, Credential>
  /** May use what staff uses: never the attacker there. */
  readonly privileged: boolean
  /** Ids of its own that no reply tells: type → values. */
  readonly ids: ReadonlyMap<string, readonly string[]>
  /** Signs in again and puts the new credential in the place of the old; resolves to it, or undefined where it is refused. */
  readonly renew?: (client: TargetClient) => Promise<string | undefined>
  /** What it signs in with, without the secret: `email` → its address. */
  readonly signsInAs?: JsonObject
  /** An access token of the same issuer that is over, where the caller has one. */
  readonly expired?: string
  /** An ID token, where the caller has one. */
  readonly idToken?: string
}

/** What a credential adds to a request. */
export interface Carried {
  readonly headers: readonly (readonly [string, string])[]
  readonly query: readonly (readonly [string, string])[]
}

const nothing: Carried = { headers: [], query: [] }

/** How an identity, or a value in the place of its own, presents itself to an operation. */
export function carry(
  identity: Identity | undefined,
  operation: Pick<DeclaredOperation, 'security' | 'securityDeclared'>,
  schemes: ReadonlyMap<string, SecurityScheme>,
  instead?: string,
): Carried {
  if (identity === undefined) return nothing
  if (operation.securityDeclared && operation.security.length === 0) return nothing
  const alternatives = operation.security.filter((one) => one.length > 0)
  const names =
    alternatives.find((one) => one.every(({ scheme }) => identity.credentials.has(scheme))) ??
    alternatives[0] ??
    [...schemes.keys()].slice(0, 1).map((scheme) => ({ scheme, scopes: [] }))
  const used = names.length === 0 ? [{ scheme: '', scopes: [] }] : names
  const headers: [string, string][] = []
  const query: [string, string][] = []
  for (const { scheme } of used) {
    const credential = identity.credentials.get(scheme) ?? identity.credentials.get('*')
    if (credential === undefined) continue
    place(credential, schemes.get(scheme), instead ?? credential.value, headers, query)
  }
  return { headers, query }
}

function place(
  credential: Credential,
  scheme: SecurityScheme | undefined,
  value: string,
  headers: [string, string][],
  query: [string, string][],
): void {
  const at =
    credential.in !== 'any'
      ? { in: credential.in, name: credential.name }
      : scheme?.type === 'apiKey'
        ? { in: scheme.in, name: scheme.field }
        : { in: 'header' as const, name: 'authorization' }
  const word = /^(?:bearer|basic|token|apikey|digest) /i.test(value)
  const text =
    credential.in === 'any' && scheme?.type !== 'apiKey' && !word
      ? scheme?.type === 'http' && scheme.scheme === 'basic'
        ? `Basic ${value.includes(':') ? Buffer.from(value).toString('base64') : value}`
        : `Bearer ${value}`
      : value
  if (at.in === 'header') headers.push([at.name.toLowerCase(), text])
  else if (at.in === 'query') query.push([at.name, text])
  else {
    const cookies = headers.findIndex(([name]) => name === 'cookie')
    const pair = `${at.name}=${text}`
    if (cookies < 0) headers.push(['cookie', pair])
    else headers[cookies] = ['cookie', `${headers[cookies]?.[1] ?? ''}; ${pair}`]
  }
}

/** The token of an identity where it is a JWT, with its claims; undefined where it is opaque. */
export function claimsOf(identity: Identity): Readonly<Record<string, unknown>> | undefined {
  const token = tokenOf(identity)
  return token === undefined ? undefined : readClaims(token)
}

/** The bare token, without `Bearer`. */
export function tokenOf(identity: Identity): string | undefined {
  const [credential] = identity.credentials.values()
  return credential?.value.replace(/^(?:bearer|token) /i, '')
}

export function readClaims(token: string): Readonly<Record<string, unknown>> | undefined {
  const parts = token.split('.')
  if (parts.length !== 3) return undefined
  try {
    const head: unknown = JSON.parse(Buffer.from(parts[0] ?? '', 'base64url').toString('utf8'))
    const claims: unknown = JSON.parse(Buffer.from(parts[1] ?? '', 'base64url').toString('utf8'))
    if (typeof head !== 'object' || head === null || typeof claims !== 'object' || claims === null)
      return undefined
    return claims as Record<string, unknown>
  } catch {
    return undefined
  }
}

/** Every secret of an identity, for masking. */
export function secretsOf(identity: Identity): readonly string[] {
  const all = [...identity.credentials.values()].map(({ value }) =>
    value.replace(/^(?:bearer|token|basic) /i, ''),
  )
  const colon = all.filter((value) => value.includes(':'))
  return [
    ...all,
    ...colon.map((value) => Buffer.from(value).toString('base64')),
    ...(identity.expired === undefined ? [] : [identity.expired]),
    ...(identity.idToken === undefined ? [] : [identity.idToken]),
  ].filter((value) => value.length >= 4)
}
