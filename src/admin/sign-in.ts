import type { Identity } from './visitor.ts'

/** Sign-in on the page of an authorization server: the embedded one, or an external issuer. */
export interface PageSignIn {
  /** Where the browser goes; `redirectUri` is where it comes back. Undefined where the server cannot be reached. */
  start(redirectUri: string): Promise<StartedSignIn | undefined>
  /** Redeems the code. Undefined where it is not good. */
  finish(started: StartedSignIn, code: string): Promise<Identity | undefined>
}

/** What must be known when the browser comes back; stays on this side. */
export interface StartedSignIn {
  readonly authorize: string
  readonly state: string
  readonly nonce: string
  readonly verifier: string
  readonly redirectUri: string
}

/** How people get in beside loopback and the configured token. */
export interface Access {
  readonly page?: PageSignIn | undefined
  /** Verifies a bearer token of the external issuer. */
  readonly bearer?: ((token: string) => Promise<Identity | undefined>) | undefined
  readonly setup?: { readonly open: boolean; redeem(token: string): boolean } | undefined
}
