import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'

/** An OpenID provider of somebody else's, at which everybody is signed in already. */
export interface IdentityProvider extends AsyncDisposable {
  readonly issuer: string
}

/** `claims` are those of whoever comes. */
export async function startIdentityProvider(
  claims: Readonly<Record<string, unknown>>,
): Promise<IdentityProvider> {
  const { privateKey, publicKey } = await generateKeyPair('ES256')
  const key = { ...(await exportJWK(publicKey)), kid: 'k1', alg: 'ES256' }
  /** Code → nonce and client. */
  const codes = new Map<string, { readonly nonce: string; readonly client: string }>()
  let issuer = ''

  async function answer(request: IncomingMessage): Promise<unknown> {
    const { pathname } = new URL(request.url ?? '/', issuer)
    if (pathname === '/.well-known/openid-configuration')
      return {
        issuer,
        authorization_endpoint: `${issuer}/authorize`,
        token_endpoint: `${issuer}/token`,
        jwks_uri: `${issuer}/jwks`,
      }
    if (pathname === '/jwks') return { keys: [key] }
    let body = ''
    for await (const part of request) body += String(part)
    const { nonce, client } = codes.get(new URLSearchParams(body).get('code') ?? '') ?? {}
    const token = new SignJWT({ ...claims, nonce, sub: 'ann' })
      .setProtectedHeader({ alg: 'ES256', kid: 'k1' })
      .setIssuer(issuer)
      .setAudience(client ?? '')
      .setIssuedAt()
      .setExpirationTime('5min')
    return { id_token: await token.sign(privateKey) }
  }

  const server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', issuer)
    if (pathname !== '/authorize') {
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify(await answer(request)))
      return
    }
    const code = crypto.randomUUID()
    codes.set(code, {
      nonce: searchParams.get('nonce') ?? '',
      client: searchParams.get('client_id') ?? '',
    })
    const back = new URL(searchParams.get('redirect_uri') ?? issuer)
    back.search = String(new URLSearchParams({ code, state: searchParams.get('state') ?? '' }))
    response.writeHead(303, { location: back.href }).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    issuer,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
