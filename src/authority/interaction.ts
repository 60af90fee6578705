import type { IncomingMessage, ServerResponse } from 'node:http'

/** What a browser came to the server's pages for: one step of an authorization that is under way. */
export interface InteractionView {
  /** Id of the interaction: last segment of its URL, `ISSUER/interaction/UID`. */
  readonly uid: string
  readonly step: 'login' | 'consent'
  /** Why the step is asked for: `no_session`, `login_prompt`, `max_age`, `op_scopes_missing`, `client_unverified` … */
  readonly reasons: readonly string[]
  readonly client: ClientView
  /** Subject that is signed in in this browser; undefined before login. */
  readonly sub: string | undefined
  /** `login_hint` of the request: text from outside, for the e-mail field only. */
  readonly loginHint: string | undefined
  /** Authentication context classes asked for, best first. */
  readonly acrValues: readonly string[]
  /** `ui_locales` of the request, best first. */
  readonly locales: readonly string[]
  /** Everything the client asks for in this step that was not granted before, and what was. */
  readonly scopes: readonly ScopeView[]
  /** Claims asked for one by one (`claims` parameter), not granted before. */
  readonly claims: readonly string[]
  /** APIs the tokens will be good for (RFC 8707 resource indicators). */
  readonly resources: readonly string[]
  /** Seconds an access token lives; and the whole of what is granted, refresh included. */
  readonly lifetime: { readonly accessToken: number; readonly grant: number }
  /** True where a device (not this browser) gets the tokens. */
  readonly device: boolean
  /**
   * Where the browser goes at the end: pages must allow its origin as `form-action`, because browsers check the redirect
   * after a POST too. Undefined where the server's own page ends the flow (device grant).
   */
  readonly redirectUri?: string | undefined
  /** Milliseconds since the epoch; after it the interaction is lost. */
  readonly expires: number
}

export interface ClientView {
  readonly id: string
  /** Name as registered; else the id. Text from outside: escape it. */
  readonly name: string
  readonly logoUri: string | undefined
  readonly policyUri: string | undefined
  readonly tosUri: string | undefined
  /** Set by the operator: a client of one's own house. Others are named as unverified and always ask. */
  readonly verified: boolean
}

export interface ScopeView {
  readonly name: string
  /** The API's audience that defines it; undefined for OpenID Connect scopes (`openid`, `email` …). */
  readonly resource: string | undefined
  /** The contract's words for it, where there are some. */
  readonly description: string | undefined
  /** False where the user granted it before. */
  readonly asked: boolean
}

/** A sign-in that the pages have proven. */
export interface Login {
  readonly sub: string
  /** Authentication methods (RFC 8176): `pwd`, `otp`, `hwk`, `mfa`. */
  readonly amr: readonly string[]
  readonly acr?: string
  /** False: the browser forgets the session when it closes. */
  readonly remember: boolean
}

/** The session of this browser at the server. */
export interface BrowserSession {
  /** Id that is not the cookie's value: good for lists and logs. */
  readonly uid: string
  readonly sub: string
  /** Seconds since the epoch. */
  readonly loginTime: number
  readonly amr: readonly string[]
}

/** What a user granted one client. */
export interface GrantView {
  readonly id: string
  readonly client: ClientView
  readonly scopes: readonly ScopeView[]
  /** Seconds since the epoch. */
  readonly created: number
  readonly expires: number
}

/** The interaction of this browser is over, expired, or belongs to another browser: show a page with status 400. */
export class InteractionLost extends Error {
  constructor(reason: string) {
    super(reason)
    this.name = 'InteractionLost'
  }
}

/**
 * What the pages ask of the authorization server. Every method that takes `response` and returns nothing has ended
 * the response (303) when it resolves. They bind to the browser by the `Secure`, `HttpOnly` cookie of the interaction
 * and throw `InteractionLost` where it does not fit: another browser, a step out of order, expired.
 */
export interface Interactions {
  /** Path of an interaction's first page, for links: `/auth/interaction/UID`. */
  path(uid: string): string
  details(request: IncomingMessage, response: ServerResponse): Promise<InteractionView>
  /** The `login` step is done. Goes on to consent or back to the client. */
  finishLogin(request: IncomingMessage, response: ServerResponse, login: Login): Promise<void>
  /** The `consent` step is done: all that was asked for, or only the scopes named (`openid` is always kept). */
  finishConsent(request: IncomingMessage, response: ServerResponse, scopes?: readonly string[]): Promise<void>
  /** The user said no: `access_denied` goes back to the client. */
  abort(request: IncomingMessage, response: ServerResponse): Promise<void>

  /** Who is signed in in this browser; undefined for nobody. For `/account`. */
  session(request: IncomingMessage, response: ServerResponse): Promise<BrowserSession | undefined>
  /** Signs in outside an interaction (`/account/login`): new session id, sets the cookie; does not end the response. */
  signIn(request: IncomingMessage, response: ServerResponse, login: Login): Promise<BrowserSession>
  /** Signs this browser out and tells clients by back-channel logout; does not end the response. */
  signOut(request: IncomingMessage, response: ServerResponse): Promise<void>
  /**
   * Ends sessions, grants and refresh tokens of a user and refuses access tokens issued so far. `keepSession` is the
   * uid of the one browser session that stays (password change).
   */
  signOutEverywhere(sub: string, keepSession?: string): Promise<void>
  /** What the user granted to clients, newest first. */
  grants(sub: string): Promise<readonly GrantView[]>
  /** Takes a grant back with all its tokens; false where it is not this user's. */
  revokeGrant(sub: string, grantId: string): Promise<boolean>
}

/** A page that the protocol itself shows; all texts in it are from outside and must be escaped. */
export type ProtocolPage =
  | {
      readonly kind: 'error'
      readonly status: number
      readonly error: string
      readonly description: string | undefined
    }
  /** Asks for the code of a device. POST `user_code`, `xsrf` to `action`. */
  | {
      readonly kind: 'device-code'
      readonly action: string
      readonly xsrf: string
      readonly problem: 'wrong' | 'expired' | 'used' | 'aborted' | 'failed' | undefined
    }
  /**
   * Asks whether this code is the one on the device. POST `xsrf`, `user_code` and either `confirm=yes` or `abort=yes` to
   * `action`. `userCode` goes into the hidden field as it is, `shown` is for the eye.
   */
  | {
      readonly kind: 'device-confirm'
      readonly action: string
      readonly xsrf: string
      readonly userCode: string
      readonly shown: string
      readonly client: ClientView
      /** Where the device asked from. */
      readonly address: string | undefined
      readonly userAgent: string | undefined
    }
  | { readonly kind: 'device-done'; readonly client: ClientView }
  /** Asks whether to sign out. POST `xsrf` and, for yes, `logout=yes` to `action`. */
  | {
      readonly kind: 'logout'
      readonly action: string
      readonly xsrf: string
      readonly client: ClientView | undefined
      /** Where the browser goes afterwards, for `form-action`; undefined where our own page is the end. */
      readonly redirectUri?: string | undefined
    }
  | { readonly kind: 'logged-out'; readonly client: ClientView | undefined }

/** The pages of the server. */
export interface Pages {
  /**
   * Tried for every request below `ISSUER/interaction/`, `ISSUER/account` and `ISSUER/assets/` before the protocol.
   * `request.url` starts with the issuer's path (`/auth/interaction/…`). False: not mine, a 404 follows.
   */
  handle(request: IncomingMessage, response: ServerResponse): boolean | Promise<boolean>
  /** One whole HTML document, sent with a strict Content-Security-Policy, which `csp` may replace. */
  render(page: ProtocolPage): { readonly html: string; readonly csp?: string }
}

/** What the caller's connection was, as the gateway's own listener saw it. Pages must use this, never header fields. */
export interface Caller {
  /** Canonical address. */
  readonly address: string
  readonly requestId: string
}
