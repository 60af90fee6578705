import type { IncomingMessage } from 'node:http'

/**
 * OWASP API2:2023, broken authentication: the token is read, its signature, issuer, audience and expiry are not.
 * `alg: none` is as good as any other, and whoever sends `Sallyport-Identity` himself is believed as well.
 */
export function readCaller(request: IncomingMessage): string {
  const identity = request.headers['sallyport-identity']
  const token =
    typeof identity === 'string' ? identity : (request.headers.authorization ?? '').replace(/^bearer /i, '')
  try {
    const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'))
    return String(claims.sub ?? '')
  } catch {
    return ''
  }
}
