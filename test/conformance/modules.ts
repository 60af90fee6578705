/** One module of a test plan of the OpenID Foundation's conformance suite. */
export interface ModuleRow {
  readonly name: string
  /** What the module wants to see, in our words. */
  readonly wants: string
  /** A person uploads a screenshot to the suite; here the pages are driven and looked at. */
  readonly screenshot?: true
  /** The suite runs it only where clients register themselves; here an operator registers the client. */
  readonly dynamic?: true
}

/** `oidcc-basic-certification-test-plan` (Basic OP), in its order: response type `code`, `client_secret_basic`. */
export const basicOp = [
  {
    name: 'oidcc-server',
    wants:
      'code flow: state, `iss`, a code that cannot be guessed, every claim and the signature of the ID token, `at_hash`, UserInfo answers',
  },
  {
    name: 'oidcc-response-type-missing',
    wants:
      'without `response_type`: an error page, or `invalid_request` or `unsupported_response_type` at the client',
    screenshot: true,
  },
  {
    name: 'oidcc-idtoken-signature',
    wants: 'a client that names no algorithm gets an RS256 ID token with a `kid`',
    dynamic: true,
  },
  {
    name: 'oidcc-idtoken-unsigned',
    wants: 'an unsigned ID token where the server offers `none`',
    dynamic: true,
  },
  { name: 'oidcc-userinfo-get', wants: 'UserInfo by GET; `sub` is there and is that of the ID token' },
  { name: 'oidcc-userinfo-post-header', wants: 'the same by POST, token in the header' },
  { name: 'oidcc-userinfo-post-body', wants: 'the same by POST, token in the body' },
  {
    name: 'oidcc-ensure-request-without-nonce-succeeds-for-code-flow',
    wants: 'a code although no `nonce` was sent',
  },
  { name: 'oidcc-scope-profile', wants: 'UserInfo has the claims of `profile`, of the right types' },
  { name: 'oidcc-scope-email', wants: 'UserInfo has the claims of `email`' },
  {
    name: 'oidcc-scope-address',
    wants: 'UserInfo has the claim of `address`, where the server offers that scope',
  },
  {
    name: 'oidcc-scope-phone',
    wants: 'UserInfo has the claims of `phone`, where the server offers that scope',
  },
  {
    name: 'oidcc-scope-all',
    wants: 'UserInfo has the claims of all four scopes, where the server offers them',
  },
  {
    name: 'oidcc-ensure-other-scope-order-succeeds',
    wants: '`email openid` means what `openid email` means',
  },
  { name: 'oidcc-display-page', wants: '`display=page` is no error' },
  { name: 'oidcc-display-popup', wants: '`display=popup` is no error' },
  {
    name: 'oidcc-prompt-login',
    wants: '`prompt=login` shows the login page to who is signed in; `auth_time` is another',
    screenshot: true,
  },
  {
    name: 'oidcc-prompt-none-not-logged-in',
    wants: '`prompt=none` without a session: an error that names the need of a page, the long `state` whole',
  },
  {
    name: 'oidcc-prompt-none-logged-in',
    wants: '`prompt=none` with a session: no page, same `sub` and `auth_time`',
  },
  {
    name: 'oidcc-max-age-1',
    wants: '`max_age=1` after two seconds shows the login page; `auth_time` is there, later and recent',
    screenshot: true,
  },
  {
    name: 'oidcc-max-age-10000',
    wants: '`max_age=10000` shows no login page; `auth_time` is there and the same',
  },
  {
    name: 'oidcc-ensure-request-with-unknown-parameter-succeeds',
    wants: 'a parameter nobody knows is ignored',
  },
  {
    name: 'oidcc-id-token-hint',
    wants: '`id_token_hint` with `prompt=none`: no page, same `sub` and `auth_time`',
  },
  { name: 'oidcc-login-hint', wants: '`login_hint` is no error' },
  { name: 'oidcc-ui-locales', wants: '`ui_locales` is no error' },
  { name: 'oidcc-claims-locales', wants: '`claims_locales` is no error' },
  {
    name: 'oidcc-ensure-request-with-acr-values-succeeds',
    wants: 'all `acr_values` the server names are no error, and `acr` is one of them',
  },
  { name: 'oidcc-codereuse', wants: 'a code used a second time at once: `invalid_grant`' },
  {
    name: 'oidcc-codereuse-30seconds',
    wants:
      'a code used a second time after 30 seconds: `invalid_grant`, and the first access token has ended',
  },
  {
    name: 'oidcc-ensure-registered-redirect-uri',
    wants: 'a redirect URI that is not registered: an error page, the browser goes nowhere',
    screenshot: true,
  },
  { name: 'oidcc-ensure-post-request-succeeds', wants: 'the authorization request by POST' },
  { name: 'oidcc-server-client-secret-post', wants: 'the code flow with `client_secret_post`' },
  {
    name: 'oidcc-request-uri-unsigned-supported-correctly-or-rejected-as-unsupported',
    wants: '`request_uri` of an unsigned request object works, or is `request_uri_not_supported`',
    dynamic: true,
  },
  {
    name: 'oidcc-unsigned-request-object-supported-correctly-or-rejected-as-unsupported',
    wants: 'an unsigned request object works, or is `request_not_supported`',
  },
  {
    name: 'oidcc-claims-essential',
    wants: 'the claim `name`, asked for as essential at UserInfo, is there, and not in the ID token',
  },
  {
    name: 'oidcc-ensure-request-object-with-redirect-uri',
    wants:
      'the redirect URI of a request object counts, not the one beside it; or an error page, because the one beside it is not registered',
    screenshot: true,
  },
  {
    name: 'oidcc-refresh-token',
    wants:
      'refresh: new tokens, an ID token with the same `iss`, `sub`, `aud` and another `iat`; another client cannot use the token',
  },
  { name: 'oidcc-ensure-request-with-valid-pkce-succeeds', wants: 'a request with PKCE S256' },
] as const

/** `oidcc-config-certification-test-plan` (Config OP). */
export const configOp = [
  {
    name: 'oidcc-discovery-endpoint-verification',
    wants:
      'the discovery document: served as JSON at its place, its issuer, endpoints all https, algorithms, response types, scopes, claims, and a key set without private keys',
  },
] as const

export type ModuleName = (typeof basicOp)[number]['name'] | (typeof configOp)[number]['name']

/** The negative cases of `fapi2-security-profile-final-dpop-negative-tests`, as `test/rfc/9449-dpop.test.ts` names them. */
export const dpopNegatives: readonly string[] = [
  'upper-cased proof',
  'more than one DPoP header',
  'not a well-formed JWT',
  'typ is missing',
  'alg is missing',
  'jwk is missing',
  'jti is missing',
  'htm is missing',
  'htu is missing',
  'iat is missing',
  'ath is missing',
  'invalid typ',
  'RS256 is not allowed',
  'alg none',
  'invalid signature',
  'jwk is a private key',
  'incorrect htm',
  'htu is another URL',
  'iat one hour in the future',
  'iat one hour in the past',
  'jti is used again',
  'incorrect ath',
  'signed with another key',
  'no proof',
  'bound token as a bearer token',
]
