import { createHmac } from 'node:crypto'

/**
 * `Sallyport-Signature` of a body: `t=SECONDS,v1=HEX`, HMAC-SHA-256 over `SECONDS.body`. Whoever receives it compares in
 * constant time and refuses what is older than some minutes.
 */
export function signatureOf(secret: string, body: string, seconds: number): string {
  return `t=${seconds},v1=${createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')}`
}
