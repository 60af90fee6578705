import { createHash, randomBytes } from 'node:crypto'
import type { StartedSignIn } from '../../admin/sign-in.ts'

/** Begins an authorization code flow with PKCE (RFC 7636) and OpenID Connect's nonce. */
export function startCodeFlow(endpoint: string, client: string, redirectUri: string): StartedSignIn {
  const [state, nonce, verifier] = [draw(), draw(), draw()]
  const authorize = new URL(endpoint)
  const params = {
    client_id: client,
    response_type: 'code',
    redirect_uri: redirectUri,
    scope: 'openid',
    state,
    nonce,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  }
  for (const [name, value] of Object.entries(params)) authorize.searchParams.set(name, value)
  return { authorize: authorize.href, state, nonce, verifier, redirectUri }
}

function draw(): string {
  return randomBytes(32).toString('base64url')
}
