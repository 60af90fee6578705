import type { Secret } from '../secret.ts'

export interface ListenConfig {
  /** As written, `127.0.0.1:8080`. */
  readonly address: string
  /** Without brackets. */
  readonly host: string
  /** 0: the kernel chooses. */
  readonly port: number
  readonly kind: 'plain' | 'tls' | 'redirect'
  /** Present where `kind` is `tls`. */
  readonly tls: TlsConfig | undefined
  /** `plaintext: allow` is written. */
  readonly plaintext: boolean
  /** Answers the questions of another data plane instead of forwarding. */
  readonly decide: 'nginx' | 'forward-auth' | 'envoy' | 'envoy-grpc' | undefined
  /** Present where `kind` is `redirect`: port of the https listener that callers are sent to. */
  readonly redirectPort: number | undefined
  readonly pointer: string
}

/** Absolute file names; `development` means a local authority made at start. */
export type TlsConfig =
  | { readonly kind: 'development' }
  | {
      readonly kind: 'files'
      readonly certificate: string
      readonly key: string
      /** Authorities of client certificates; a client certificate is asked for where it is set. */
      readonly clientAuthorities: string | undefined
      /** Revocation lists of those authorities. */
      readonly clientRevocations: string | undefined
    }

export interface AdminConfig {
  readonly address: string
  readonly host: string
  readonly port: number
  /** Bearer token that every route but health then needs; present wherever `host` is not loopback. */
  readonly token: Secret | undefined
  /** Names besides loopback's under which it may be asked. */
  readonly hosts: readonly string[]
  /** What coming from this machine is worth by itself. */
  readonly loopback: 'none' | 'viewer' | 'operator' | 'administrator'
  /** Whose people sign in, besides the accounts of the embedded server. */
  readonly people: AdminPeopleConfig | undefined
  /** Role names of accounts and tokens that give a role here. */
  readonly roles: Readonly<Record<'viewer' | 'operator' | 'administrator', readonly string[]>>
  readonly pointer: string
}

/** An external issuer of the console's users. */
export interface AdminPeopleConfig {
  /** Name of the issuer in the configuration. */
  readonly issuer: string
  /** `aud` of access tokens for the admin API; undefined: none is taken. */
  readonly audience: string | undefined
  /** The console as a client there; undefined: nobody signs in with its page. */
  readonly client: { readonly id: string; readonly secret: Secret | undefined } | undefined
}
