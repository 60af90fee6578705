import { webcrypto } from 'node:crypto'

/** A certificate with one SAN URI, as a listener would have verified it. */
export async function createClientCertificate(
  uri: string,
): Promise<{ readonly der: Uint8Array; readonly uri: string }> {
  await import('reflect-metadata')
  const x509 = await import('@peculiar/x509')
  x509.cryptoProvider.set(webcrypto as Crypto)
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=device',
    keys,
    signingAlgorithm: algorithm,
    extensions: [new x509.SubjectAlternativeNameExtension([{ type: 'url', value: uri }])],
  })
  return { der: new Uint8Array(certificate.rawData), uri }
}
