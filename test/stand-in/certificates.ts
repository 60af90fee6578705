import 'reflect-metadata'
import { KeyObject, webcrypto } from 'node:crypto'
import * as x509 from '@peculiar/x509'

/** A key and a certificate, PEM. */
export interface Identity {
  readonly key: string
  readonly cert: string
}

export interface TestAuthority {
  /** PEM of the authority itself. */
  readonly ca: string
  issue(names: readonly string[], days?: readonly [number, number]): Promise<Identity>
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const DAY = 86_400_000

x509.cryptoProvider.set(webcrypto as Crypto)

function day(offset: number): Date {
  return new Date(Date.now() + offset * DAY)
}

function pemOf(key: webcrypto.CryptoKey): string {
  return KeyObject.from(key).export({ type: 'pkcs8', format: 'pem' }).toString()
}

/** Makes an authority that issues server certificates for IP addresses and names, valid from and to given days. */
export async function createTestAuthority(): Promise<TestAuthority> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const authority = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=Test Authority',
    notBefore: day(-10),
    notAfter: day(10),
    signingAlgorithm: algorithm,
    keys,
    extensions: [new x509.BasicConstraintsExtension(true, 0, true)],
  })
  return {
    ca: authority.toString('pem'),
    async issue(names, [from, to] = [-1, 1]) {
      const own = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
      const certificate = await x509.X509CertificateGenerator.create({
        subject: `CN=${names[0] ?? 'nobody'}`,
        issuer: authority.subject,
        notBefore: day(from),
        notAfter: day(to),
        signingAlgorithm: algorithm,
        publicKey: own.publicKey,
        signingKey: keys.privateKey,
        extensions: [
          new x509.SubjectAlternativeNameExtension(
            names.map((value) => ({
              type: /^[\d.]+$/.test(value) ? ('ip' as const) : ('dns' as const),
              value,
            })),
          ),
        ],
      })
      return { key: pemOf(own.privateKey), cert: certificate.toString('pem') }
    },
  }
}
