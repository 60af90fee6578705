import { importJWK, type JWK, SignJWT } from 'jose'
import { type Scene, travellerScopes } from './scene.ts'

/** The tokens of a scene, signed as the example's issuer signs: RFC 9068 access tokens, ES256. */
export async function signSceneTokens(key: JWK): Promise<Scene['tokens']> {
  const signingKey = await importJWK(key, 'ES256')
  const now = Math.floor(Date.now() / 1000)
  const sign = (subject: string, scopes: readonly string[], lifetime = 8 * 3600): Promise<string> =>
    new SignJWT({ scope: scopes.join(' '), client_id: 'travel-app', roles: ['traveller'] })
      .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', ...(key.kid === undefined ? {} : { kid: key.kid }) })
      .setIssuer('https://id.travel.example')
      .setAudience('https://api.travel.example')
      .setSubject(subject)
      .setJti(crypto.randomUUID())
      .setIssuedAt(now - 7200)
      .setExpirationTime(now + lifetime)
      .sign(signingKey)
  return {
    alice: await sign('123', travellerScopes),
    bob: await sign('456', travellerScopes),
    overscoped: await sign('123', [...travellerScopes, 'admin:users']),
    expired: await sign('123', travellerScopes, -3600),
  }
}
