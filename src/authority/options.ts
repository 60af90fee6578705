import type { Sealer } from '../crypto/sealer.ts'
import type { Clock } from '../kernel/clock.ts'
import type { RateStore } from '../kernel/ports.ts'
import type { RevocationStore } from '../kernel/revocation.ts'
import type { AuthorityRecords } from '../repositories/authority-records.ts'
import type { ClientRepository } from '../repositories/clients.ts'
import type { SigningKeyRepository } from '../repositories/signing-keys.ts'
import type { Accounts } from './accounts/accounts.ts'

/** An API that tokens are issued for (RFC 8707). */
export interface Resource {
  /** Its audience: an absolute URI. */
  readonly identifier: string
  /** Scopes its contract asks for, with words for the consent page where there are some. */
  readonly scopes: ReadonlyMap<string, string | undefined>
}

/** Lifetimes in seconds. */
export interface Lifetimes {
  readonly accessToken: number
  readonly code: number
  readonly idToken: number
  /** Refresh token that is not used. */
  readonly refreshIdle: number
  /** A grant and all its refresh tokens, however often they are used. */
  readonly grant: number
  readonly deviceCode: number
  readonly interaction: number
  /** Session of a browser that does nothing; and its whole life. */
  readonly sessionIdle: number
  readonly session: number
}

export const defaultLifetimes: Lifetimes = Object.freeze({
  accessToken: 600,
  code: 60,
  idToken: 3_600,
  refreshIdle: 14 * 86_400,
  grant: 90 * 86_400,
  deviceCode: 600,
  interaction: 1_800,
  sessionIdle: 86_400,
  session: 30 * 86_400,
})

/** The port of `fetch` for what the server itself calls: clients' key sets and back-channel logout. Must guard addresses. */
export type GuardedFetch = (url: string, options: RequestInit) => Promise<Response>

/** Access token as it is judged here again: introspection, exchange. */
export interface IssuedToken {
  readonly jti: string
  readonly sub: string
  readonly client: string
  /** Milliseconds since the epoch. */
  readonly issuedAt: number
}

export interface AuthorityOptions {
  /** `https://api.example/auth`, no query, no fragment, no slash at its end; http on loopback alone. */
  readonly issuer: string
  /** Names under which the APIs trust it: revocations are written for each. */
  readonly issuerNames: readonly string[]
  readonly resources: readonly Resource[]
  readonly accounts: Pick<Accounts, 'find'>
  readonly records: AuthorityRecords
  readonly clients: ClientRepository
  readonly keys: SigningKeyRepository
  readonly sealer: Sealer
  readonly rates: RateStore
  readonly clock: Clock
  /** Deny-list of tokens; absent, access tokens end by their time alone. */
  readonly revocations?: RevocationStore
  /** Whether a token is on the deny-list. */
  readonly isRevoked?: (token: IssuedToken) => boolean
  readonly fetch?: GuardedFetch
  readonly lifetimes?: Partial<Lifetimes>
  /** Milliseconds between rotations of the signing keys; 0 for none. Default 90 days. */
  readonly rotateMs?: number
  /** Whether a DPoP proof at the token endpoint must carry a nonce of the server. Default true. */
  readonly dpopNonceRequired?: boolean
  /** Told of what an operator should hear: reuse of a refresh token, a record store that fails. */
  readonly onEvent?: (event: AuthorityEvent) => void
}

/** Something worth an alert. Holds no secret. */
export interface AuthorityEvent {
  readonly kind:
    | 'code-reuse'
    | 'refresh-reuse'
    | 'family-revoked'
    | 'client-locked'
    | 'keys-rotated'
    /** A client was not told that its user signed out. */
    | 'logout-failed'
    | 'fault'
  readonly client?: string | undefined
  readonly sub?: string | undefined
  readonly detail?: string | undefined
}
