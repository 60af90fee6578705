import type { Secret } from '../secret.ts'

/** Times in milliseconds. */
export interface AuthorityConfig {
  /** Exact, without a slash at its end. */
  readonly issuer: string
  /** Audiences of its tokens where no issuer with `keys: authority` is written. */
  readonly audience: readonly string[]
  readonly name: string
  /** base64url of 32 bytes or more; undefined: a file of the state folder. */
  readonly encryptionKey: Secret | undefined
  /** Age at which signing keys are replaced. */
  readonly rotate: number
  /** Scope → words for the consent page. */
  readonly scopes: readonly (readonly [string, string])[]
  readonly dpopNonce: 'off' | 'required'
  readonly lifetimes: {
    readonly accessToken: number
    readonly refreshToken: number
    readonly grant: number
    readonly sessionIdle: number
    readonly session: number
  }
  /** Roles of those who register themselves. */
  readonly roles: readonly string[]
  /** Absolute file names. */
  readonly theme: { readonly css: string | undefined; readonly logo: string | undefined }
  /** Whom the server may call at addresses that are not public (`host:port`, CIDR); file of authorities to trust. */
  readonly outbound: { readonly allow: readonly string[]; readonly authorities: string | undefined }
  /** Undefined: mails are kept for a page in development, and fail elsewhere. */
  readonly mail: MailConfig | undefined
  readonly pointer: string
}

export interface MailConfig {
  /** URL of the mail server, with its credentials. */
  readonly smtp: Secret
  readonly from: string
}

/** `identity`. */
export interface IdentityConfig {
  /** Undefined: the authority's, else a file of the state folder. */
  readonly encryptionKey: Secret | undefined
  /** Milliseconds; 0: never. */
  readonly rotate: number
}
