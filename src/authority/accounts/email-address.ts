import { domainToASCII } from 'node:url'

/** An e-mail address that can be written to. */
export interface EmailAddress {
  /** As it is written to: domain in lower case ASCII. */
  readonly address: string
  /** Under which the account is found: one for all spellings that people take for the same. */
  readonly key: string
}

// Dot-atom of RFC 5322 §3.2.3, with letters, marks and digits of every script (RFC 6531). No quotes, no comments.
const local = /^[\p{L}\p{M}\p{N}!#$%&'*+\-/=?^_`{|}~]+(?:\.[\p{L}\p{M}\p{N}!#$%&'*+\-/=?^_`{|}~]+)*$/u
const label = /^(?!-)[a-z0-9-]{1,63}(?<!-)$/

/**
 * Reads an address as mail knows it: at most 64 octets before the `@`, 254 in all (RFC 5321 §4.5.3.1), a domain name with
 * a dot. Undefined for the rest. What only stands for other letters (a ligature, full-width forms) is refused: no two
 * accounts share a key, and nobody gets another's mail by folding.
 */
export function parseEmailAddress(text: string): EmailAddress | undefined {
  if (text.length > 254) return undefined
  const at = text.lastIndexOf('@')
  const name = text.slice(0, Math.max(0, at)).normalize('NFC')
  if (Buffer.byteLength(name) > 64 || !local.test(name)) return undefined
  if (name.normalize('NFKC') !== name) return undefined
  const domain = parseDomain(text.slice(at + 1))
  if (domain === undefined) return undefined
  const address = `${name}@${domain}`
  if (Buffer.byteLength(address) > 254) return undefined
  return { address, key: `${name.toLowerCase()}@${domain}` }
}

/** A domain name of two labels or more, in ASCII. */
function parseDomain(text: string): string | undefined {
  // URL hosts take more than domain names: escapes, numbers, brackets.
  if (!/^[\p{L}\p{M}\p{N}.-]+$/u.test(text)) return undefined
  const domain = domainToASCII(text)
  const labels = domain.split('.')
  if (labels.length < 2 || !labels.every((one) => label.test(one))) return undefined
  return /^[0-9]+$/.test(labels.at(-1) ?? '') ? undefined : domain
}
