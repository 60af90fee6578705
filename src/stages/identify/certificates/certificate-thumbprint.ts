import { hash } from 'node:crypto'

// A connection hands out one and the same array for its certificate.
const known = new WeakMap<Uint8Array, string>()

/** `x5t#S256` of a certificate (RFC 8705 §3.1): SHA-256 over its DER, base64url. */
export function certificateThumbprint(der: Uint8Array): string {
  let thumbprint = known.get(der)
  if (thumbprint === undefined) {
    thumbprint = hash('sha256', der, 'base64url')
    known.set(der, thumbprint)
  }
  return thumbprint
}
