import { constants, createPrivateKey, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createSecureContext, type SecureContextOptions } from 'node:tls'
import { type Finding, Unusable } from '../../kernel/finding.ts'
import type { TlsOptions } from './options.ts'

/** ECDHE with AEAD alone (row T01); the first three are TLS 1.3. */
const ciphers = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
].join(':')

/** What a TLS listener runs with. */
export interface TlsContext {
  readonly options: SecureContextOptions
  readonly certificate: X509Certificate
  /** Client certificates are asked for. */
  readonly asksClient: boolean
}

/**
 * Reads certificate, key and authorities, and proves that they work together, so that a bad file stops the start
 * or keeps the old certificate (rows T04, T06). Throws `Unusable`.
 */
export function readTlsContext(tls: TlsOptions): TlsContext {
  const cert = readPem('tls.certificate', tls.certificate, 'CERTIFICATE')
  const key = readPem('tls.key', tls.key, 'PRIVATE KEY')
  const ca =
    tls.clientAuthorities === undefined
      ? undefined
      : readPem('tls.clientAuthorities', tls.clientAuthorities, 'CERTIFICATE')
  const crl =
    tls.clientRevocations === undefined
      ? undefined
      : readPem('tls.clientRevocations', tls.clientRevocations, 'X509 CRL')
  const certificate = parse('tls.certificate', () => new X509Certificate(cert))
  const privateKey = parse('tls.key', () => createPrivateKey(key))
  if (!certificate.checkPrivateKey(privateKey))
    throw unusable('tls.key', 'does not belong to the certificate')
  if (certificate.validToDate.getTime() < Date.now()) throw unusable('tls.certificate', 'has expired')
  if (ca !== undefined)
    for (const pem of ca.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [])
      parse('tls.clientAuthorities', () => new X509Certificate(pem))
  const options: SecureContextOptions = {
    cert,
    key,
    ciphers,
    honorCipherOrder: true,
    minVersion: 'TLSv1.2',
    ecdhCurve: 'auto',
    // A resumed session would skip the check of the client certificate (row N10).
    secureOptions:
      ca === undefined
        ? constants.SSL_OP_NO_RENEGOTIATION
        : constants.SSL_OP_NO_RENEGOTIATION | constants.SSL_OP_NO_TICKET,
    ...(ca === undefined ? {} : { ca }),
    ...(crl === undefined ? {} : { crl }),
  }
  parse('tls', () => createSecureContext(options))
  return { options, certificate, asksClient: ca !== undefined }
}

function readPem(what: string, value: string, label: string): string {
  if (value.includes('-----BEGIN')) return value
  let text: string
  try {
    text = readFileSync(value, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
    throw unusable(what, `cannot be read (${code})`, value)
  }
  if (!text.includes('-----BEGIN') || !text.includes(label))
    throw unusable(what, `holds no PEM ${label}`, value)
  return text
}

function parse<T>(what: string, read: () => T): T {
  try {
    return read()
  } catch {
    throw unusable(what, 'is not valid')
  }
}

function unusable(what: string, message: string, file?: string): Unusable {
  const finding: Finding = {
    rule: 'listen.tls',
    severity: 'error',
    message: file === undefined ? `${what} ${message}` : `${what}: ${file} ${message}`,
    ...(file === undefined ? {} : { place: { file } }),
  }
  return new Unusable([finding])
}
