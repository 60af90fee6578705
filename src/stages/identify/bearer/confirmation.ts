import type { Confirmation } from '../../../kernel/principal.ts'

/** SHA-256 in base64url without padding. */
const thumbprint = /^[A-Za-z0-9_-]{43}$/

/**
 * Reads `cnf` (RFC 7800 §3.1) as RFC 9449 and RFC 8705 use it; undefined where the token is bound to nothing. A
 * binding that is not understood here, alone or beside others, could not be checked: it gives the reason to refuse.
 */
export function readConfirmation(
  claims: Readonly<Record<string, unknown>>,
): Confirmation | string | undefined {
  const cnf = claims['cnf']
  if (cnf === undefined) return undefined
  if (typeof cnf !== 'object' || cnf === null || Array.isArray(cnf)) return 'cnf'
  let jkt: string | undefined
  let x5t: string | undefined
  for (const [name, value] of Object.entries(cnf)) {
    if (typeof value !== 'string' || !thumbprint.test(value)) return 'cnf'
    if (name === 'jkt') jkt = value
    else if (name === 'x5t#S256') x5t = value
    else return 'cnf: bound to what cannot be checked here'
  }
  return jkt === undefined && x5t === undefined ? 'cnf' : Object.freeze({ jkt, x5t })
}
