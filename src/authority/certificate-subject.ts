import type { X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'

/**
 * Whether a verified certificate is the one a client registered (RFC 8705 section 2.1.2): the whole value, never part of
 * one. A subject is compared as its attributes in either order, the way RFC 4514 writes it and the way OpenSSL does.
 */
export function isSubjectOf(certificate: X509Certificate, property: string, expected: string): boolean {
  switch (property) {
    case 'tls_client_auth_subject_dn': {
      const found = certificate.subject?.split('\n') ?? []
      const asked = expected.split(/(?<!\\),\s*/)
      return isSame(found, asked) || isSame([...found].reverse(), asked)
    }
    case 'tls_client_auth_san_dns':
      return namesOf(certificate, 'DNS').some((name) => name.toLowerCase() === expected.toLowerCase())
    case 'tls_client_auth_san_uri':
      return namesOf(certificate, 'URI').includes(expected)
    case 'tls_client_auth_san_ip':
      return isIP(expected) !== 0 && certificate.checkIP(expected) !== undefined
    default:
      return false
  }
}

function isSame(found: readonly string[], asked: readonly string[]): boolean {
  return (
    found.length > 0 && found.length === asked.length && found.every((one, index) => one === asked[index])
  )
}

/**
 * Alternative names of one kind. Node quotes a value that holds anything it could be confused by; such a name is nobody's
 * (CVE-2021-44532).
 */
function namesOf(certificate: X509Certificate, kind: string): readonly string[] {
  return (certificate.subjectAltName ?? '')
    .split(', ')
    .filter((name) => name.startsWith(`${kind}:`) && !name.includes('"'))
    .map((name) => name.slice(kind.length + 1))
}
