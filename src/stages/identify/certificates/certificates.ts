import { X509Certificate } from 'node:crypto'
import type { Clock } from '../../../kernel/clock.ts'
import type { Matched } from '../../../kernel/facts.ts'
import type { Principal } from '../../../kernel/principal.ts'
import type { Denial } from '../../../kernel/verdict.ts'
import type { Credential } from '../credential.ts'
import { certificateInvalid, certificateMisdirected } from '../denials.ts'
import { createGenerationCache } from '../generation-cache.ts'
import { parseAlternativeNames } from './alternative-names.ts'
import { certificateThumbprint } from './certificate-thumbprint.ts'
import { isName } from './is-name.ts'
import { parseSpiffeId } from './spiffe-id.ts'

/** What of a certificate is the caller's id. */
export type CertificateSubject = 'san.uri' | 'san.dns' | 'san.email' | 'subject.cn' | 'subject'

export interface CertificateOptions {
  readonly subject: CertificateSubject
  /** The id must be a SPIFFE id of this trust domain; with `san.uri` alone. */
  readonly trustDomain?: string
}

/** Name of certificates among the sources of callers, and `principal.issuer`. */
export const certificateSource = 'certificates'

const clientAuth = '1.3.6.1.5.5.7.3.2'
const anyUsage = '2.5.29.37.0'

/** Milliseconds since the epoch. */
interface Judged {
  readonly from: number
  readonly to: number
  readonly principal: Principal | string
}

/**
 * Callers by client certificate (mutual TLS). Listen has proven that an authority of the listener vouches for it and
 * that it is not revoked; here it becomes a principal, by exactly one name of the configured kind. Read once a
 * certificate, then a look-up.
 */
export function createCertificates(options: CertificateOptions, clock: Clock): Credential {
  const byThumbprint = createGenerationCache<Judged>({ entries: 20_000, bytes: 33_554_432 })
  const byConnection = new WeakMap<Uint8Array, Judged>()

  function judgedOf(der: Uint8Array): Judged {
    const here = byConnection.get(der)
    if (here !== undefined) return here
    const thumbprint = certificateThumbprint(der)
    let judged = byThumbprint.get(thumbprint)
    if (judged === undefined) {
      judged = judgeCertificate(der, thumbprint, options)
      byThumbprint.set(thumbprint, judged, 1024 + 2 * der.length)
    }
    byConnection.set(der, judged)
    return judged
  }

  return {
    read(matched): Principal | Denial | undefined {
      const { certificate } = matched.channel
      if (certificate === undefined) return undefined
      if (isMisdirected(matched)) return certificateMisdirected()
      const { from, to, principal } = judgedOf(certificate)
      if (typeof principal === 'string') return certificateInvalid(principal)
      const now = clock.now()
      if (now < from || now > to) return certificateInvalid('outside its validity')
      return principal
    },
  }
}

/** Whether the request is for another host than the one whose policy the handshake followed (row N10). */
export function isMisdirected({ channel, authority }: Pick<Matched, 'channel' | 'authority'>): boolean {
  const { serverName } = channel
  if (serverName === undefined || serverName === '') return false
  const colon = authority.lastIndexOf(':')
  const host = colon > authority.lastIndexOf(']') ? authority.slice(0, colon) : authority
  return host !== (serverName.endsWith('.') ? serverName.slice(0, -1) : serverName)
}

function judgeCertificate(der: Uint8Array, thumbprint: string, options: CertificateOptions): Judged {
  try {
    const certificate = new X509Certificate(der)
    return {
      from: certificate.validFromDate.getTime(),
      to: certificate.validToDate.getTime(),
      principal: principalOf(certificate, thumbprint, options),
    }
  } catch {
    return { from: 0, to: 0, principal: 'a certificate that cannot be read' }
  }
}

function principalOf(
  certificate: X509Certificate,
  thumbprint: string,
  options: CertificateOptions,
): Principal | string {
  if (certificate.ca) return 'a certificate of an authority'
  const usages: readonly string[] | undefined = certificate.keyUsage
  if (usages !== undefined && !usages.includes(clientAuth) && !usages.includes(anyUsage))
    return 'extended key usage does not allow client authentication'
  const names = parseAlternativeNames(certificate.subjectAltName)
  if (names === undefined || names.some(({ value }) => value.includes('\0')))
    return 'alternative names that cannot be read'
  const found = idsOf(certificate, names, options.subject)
  const [id] = found
  if (id === undefined) return 'no name of the configured kind'
  // Which of several is meant cannot be known (X.509-SVID §2 asks for exactly one, too).
  if (found.length > 1) return 'several names of the configured kind'
  if (!isName(id)) return 'a name with characters that no name has'
  if (options.trustDomain !== undefined || id.startsWith('spiffe:')) {
    const spiffe = parseSpiffeId(id)
    if (spiffe === undefined) return 'not a SPIFFE id'
    if (options.trustDomain !== undefined && spiffe.trustDomain !== options.trustDomain)
      return 'a SPIFFE id of another trust domain'
  }
  const claims: Record<string, unknown> = Object.create(null)
  claims['cnf'] = Object.freeze({ 'x5t#S256': thumbprint })
  claims['serial'] = certificate.serialNumber
  claims['subject'] = certificate.subject
  claims['issuer'] = certificate.issuer
  return Object.freeze({
    issuer: certificateSource,
    sub: id,
    client: undefined,
    roles: none,
    scopes: none,
    amr: none,
    claims: Object.freeze(claims),
    kind: 'certificate',
    expires: Math.floor(certificate.validToDate.getTime() / 1000),
    credential: Buffer.from(thumbprint, 'base64url').toString('hex').slice(0, 16),
    cnf: Object.freeze({ jkt: undefined, x5t: thumbprint }),
  } satisfies Principal)
}

const none: readonly string[] = Object.freeze([])

function idsOf(
  certificate: X509Certificate,
  names: readonly { readonly kind: string; readonly value: string }[],
  subject: CertificateSubject,
): readonly string[] {
  const ofKind = (kind: string): string[] =>
    names.filter((name) => name.kind === kind).map(({ value }) => value)
  switch (subject) {
    case 'san.uri':
      return ofKind('URI')
    case 'san.dns':
      return ofKind('DNS').map((name) => name.toLowerCase())
    case 'san.email':
      return ofKind('email')
    case 'subject.cn': {
      const cn: unknown = certificate.toLegacyObject().subject?.CN
      return typeof cn === 'string' ? [cn] : Array.isArray(cn) ? cn.map(String) : []
    }
    case 'subject':
      return certificate.subject === undefined || certificate.subject === ''
        ? []
        : [certificate.subject.split('\n').join(',')]
  }
}
