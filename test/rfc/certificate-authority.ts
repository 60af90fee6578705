import { createPrivateKey, webcrypto } from 'node:crypto'
import 'reflect-metadata'
import * as x509 from '@peculiar/x509'

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const hour = 3_600_000

export interface Issued {
  readonly certificate: string
  readonly key: string
}

export interface IssueOptions {
  readonly use: 'server' | 'client'
  readonly uri?: string
  readonly expired?: boolean
  /** Alternative names instead of the usual one. */
  readonly names?: x509.JsonGeneralNames
  /** Whole subject instead of `CN=name`. */
  readonly subject?: string
}

/** An authority of a test. */
export interface Authority {
  /** PEM. */
  readonly certificate: string
  issue(name: string, options: IssueOptions): Promise<Issued>
  /** A revocation list, PEM, of these certificates of its own. */
  revoke(certificates: readonly string[]): Promise<string>
}

export async function createAuthority(name: string): Promise<Authority> {
  x509.cryptoProvider.set(webcrypto as Crypto)
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const root = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=${name}`,
    notBefore: new Date(Date.now() - 48 * hour),
    notAfter: new Date(Date.now() + 48 * hour),
    keys,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
    ],
  })
  return {
    certificate: root.toString('pem'),
    async revoke(certificates) {
      const list = await x509.X509CrlGenerator.create({
        issuer: root.subject,
        thisUpdate: new Date(Date.now() - hour),
        nextUpdate: new Date(Date.now() + hour),
        entries: certificates.map((pem) => ({
          serialNumber: new x509.X509Certificate(pem).serialNumber,
          revocationDate: new Date(Date.now() - hour),
        })),
        signingAlgorithm: algorithm,
        signingKey: keys.privateKey,
      })
      return list.toString('pem').replaceAll(' CRL-----', ' X509 CRL-----')
    },
    async issue(subject, { use, uri, expired = false, names, subject: whole }) {
      const own = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
      const certificate = await x509.X509CertificateGenerator.create({
        subject: whole ?? `CN=${subject}`,
        issuer: root.subject,
        notBefore: new Date(Date.now() - 24 * hour),
        notAfter: new Date(Date.now() + (expired ? -hour : 24 * hour)),
        publicKey: own.publicKey,
        signingKey: keys.privateKey,
        signingAlgorithm: algorithm,
        extensions: [
          new x509.ExtendedKeyUsageExtension([
            use === 'server' ? x509.ExtendedKeyUsage.serverAuth : x509.ExtendedKeyUsage.clientAuth,
          ]),
          new x509.SubjectAlternativeNameExtension(
            names ?? [uri === undefined ? { type: 'dns', value: subject } : { type: 'url', value: uri }],
          ),
        ],
      })
      const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', own.privateKey))
      const key = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' })
      return {
        certificate: certificate.toString('pem'),
        key: key.export({ format: 'pem', type: 'pkcs8' }).toString(),
      }
    },
  }
}
