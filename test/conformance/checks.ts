import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { createLocalJWKSet, decodeProtectedHeader, type JWTPayload, jwtVerify } from 'jose'
import { type Answered, type Asked, callback, type Suite } from './suite.ts'

/** Tokens that passed the checks of every module. */
export interface CheckedTokens {
  readonly accessToken: string
  readonly refreshToken: string | undefined
  readonly idToken: string
  readonly claims: JWTPayload
  readonly body: Readonly<Record<string, unknown>>
}

/** A token answer with an ID token: everything that is always so (OpenID Connect Core sections 2, 3.1.3.3, 3.1.3.7). */
export async function checkTokens(suite: Suite, asked: Asked, answer: Answered): Promise<CheckedTokens> {
  const { status, headers, body } = answer
  assert.equal(status, 200, JSON.stringify(body))
  assert.match(headers.get('content-type') ?? '', /^application\/json\b/)
  assert.match(headers.get('cache-control') ?? '', /\bno-store\b/)
  assert.match(String(body['token_type']), /^bearer$/i)
  const accessToken = body['access_token']
  assert.ok(typeof accessToken === 'string' && /^[\x20-\x7e]{22,}$/.test(accessToken))
  const expires = body['expires_in']
  assert.ok(expires === undefined || (Number.isSafeInteger(expires) && Number(expires) > 0))
  assert.equal(typeof body['id_token'], 'string')
  const idToken = String(body['id_token'])
  const claims = await checkIdToken(suite, asked, idToken, accessToken)
  const refreshToken = body['refresh_token']
  return {
    accessToken,
    refreshToken: typeof refreshToken === 'string' ? refreshToken : undefined,
    idToken,
    claims,
    body,
  }
}

async function checkIdToken(
  { op, jwks, client }: Suite,
  asked: Asked,
  idToken: string,
  accessToken: string,
): Promise<JWTPayload> {
  const { alg, kid } = decodeProtectedHeader(idToken)
  assert.notEqual(alg, 'none')
  assert.ok(
    kid !== undefined && jwks.keys.filter((key) => key.kid === kid).length === 1,
    'kid names one published key',
  )
  // Signature, issuer, audience, times.
  const { payload } = await jwtVerify(idToken, createLocalJWKSet(jwks), {
    issuer: op.issuer,
    audience: asked.client.id,
    requiredClaims: ['iss', 'sub', 'aud', 'exp', 'iat'],
    clockTolerance: 5,
  })
  assert.ok(Math.abs((payload.iat ?? 0) - Date.now() / 1000) < 300)
  assert.match(payload.sub ?? '', /^[\x20-\x7e]{1,255}$/)
  assert.equal(payload['nonce'], asked.params['nonce'])
  assert.ok(payload['azp'] === undefined || payload['azp'] === (asked.client ?? client).id)
  const half = createHash('sha256')
    .update(accessToken, 'ascii')
    .digest()
    .subarray(0, 16)
    .toString('base64url')
  assert.ok(payload['at_hash'] === undefined || payload['at_hash'] === half, 'at_hash, where it is, is right')
  assert.ok(payload['auth_time'] === undefined || Number.isSafeInteger(payload['auth_time']))
  checkStandardClaims(payload)
  return payload
}

const texts = [
  ...[
    'name',
    'given_name',
    'family_name',
    'middle_name',
    'nickname',
    'preferred_username',
    'profile',
    'picture',
  ],
  ...['website', 'email', 'gender', 'birthdate', 'zoneinfo', 'locale', 'phone_number'],
]

/** Standard claims that are there have the type that OpenID Connect Core section 5.1 gives them. */
export function checkStandardClaims(claims: Readonly<Record<string, unknown>>): void {
  for (const name of texts)
    assert.ok(claims[name] === undefined || (typeof claims[name] === 'string' && claims[name] !== ''), name)
  for (const name of ['email_verified', 'phone_number_verified'])
    assert.ok(claims[name] === undefined || typeof claims[name] === 'boolean', name)
  assert.ok(claims['updated_at'] === undefined || typeof claims['updated_at'] === 'number')
  assert.ok(claims['address'] === undefined || typeof claims['address'] === 'object')
  assert.ok(claims['_claim_names'] === undefined, 'no claims from elsewhere')
}

/** An error at the client (section 3.1.2.6): the parameters it may have, and nothing else. Returns the error code. */
export function checkErrorAtClient({ op }: Suite, asked: Asked, away: URL | undefined): string {
  assert.ok(away, 'the browser was sent to the client')
  assert.equal(away.origin + away.pathname, callback)
  const found = away.searchParams
  assert.equal(found.get('state'), asked.params['state'] ?? null)
  assert.equal(found.get('iss'), op.issuer)
  assert.equal(found.get('code'), null)
  for (const name of found.keys())
    assert.ok(['error', 'error_description', 'error_uri', 'state', 'iss'].includes(name), name)
  checkErrorTexts(found.get('error'), found.get('error_description'), found.get('error_uri'))
  return found.get('error') ?? ''
}

/** An error of the token endpoint (RFC 6749 section 5.2). */
export function checkTokenError({ status, headers, body }: Answered, error: string): void {
  assert.equal(status, 400, JSON.stringify(body))
  assert.match(headers.get('content-type') ?? '', /^application\/json\b/)
  assert.equal(body['error'], error)
  assert.equal(body['access_token'], undefined)
  checkErrorTexts(body['error'], body['error_description'], body['error_uri'])
}

function checkErrorTexts(error: unknown, description: unknown, uri: unknown): void {
  // The characters that RFC 6749 appendix A allows: no line break, no tab.
  assert.match(String(error), /^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/)
  assert.match(String(description ?? 'none'), /^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/)
  assert.ok(uri === undefined || uri === null || URL.canParse(String(uri)))
}
