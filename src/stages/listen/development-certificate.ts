import { createPrivateKey, webcrypto, X509Certificate } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TlsOptions } from './options.ts'

const day = 24 * 60 * 60 * 1000
const lifetime = 90 * day
/** Renewed when less than this is left. */
const margin = 14 * day
const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const

/** Files of the local authority and its server certificate. */
export interface DevelopmentCertificate {
  /** What a client must trust. */
  readonly authority: string
  readonly tls: TlsOptions
}

/**
 * A certificate for localhost, 127.0.0.1 and ::1 from a local authority, for `tls: development`. Made once, kept
 * with mode 0600, valid for 90 days and renewed before it ends. The authority's key signs and is thrown away:
 * nobody can make another certificate that a developer's machine trusts.
 */
export async function provideDevelopmentCertificate(directory: string): Promise<DevelopmentCertificate> {
  const files: DevelopmentCertificate = {
    authority: join(directory, 'authority.crt'),
    tls: { certificate: join(directory, 'server.crt'), key: join(directory, 'server.key') },
  }
  if (isUsable(files)) return files
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  chmodSync(directory, 0o700)
  // Loaded here: only development needs it, and it needs decorator metadata before it.
  await import('reflect-metadata')
  const x509 = await import('@peculiar/x509')
  x509.cryptoProvider.set(webcrypto as Crypto)
  const notBefore = new Date(Date.now() - 60_000)
  const notAfter = new Date(Date.now() + lifetime)
  const authorityKeys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const authority = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=Sallyport development authority ${notBefore.toISOString().slice(0, 10)}`,
    notBefore,
    notAfter,
    keys: authorityKeys,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(authorityKeys.publicKey),
    ],
  })
  const serverKeys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const server = await x509.X509CertificateGenerator.create({
    subject: 'CN=localhost',
    issuer: authority.subject,
    notBefore,
    notAfter,
    publicKey: serverKeys.publicKey,
    signingKey: authorityKeys.privateKey,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension([
        { type: 'dns', value: 'localhost' },
        { type: 'ip', value: '127.0.0.1' },
        { type: 'ip', value: '::1' },
      ]),
      await x509.AuthorityKeyIdentifierExtension.create(authorityKeys.publicKey),
    ],
  })
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', serverKeys.privateKey))
  const key = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' })
  write(files.tls.key, key.export({ format: 'pem', type: 'pkcs8' }).toString())
  write(files.tls.certificate, `${server.toString('pem')}\n${authority.toString('pem')}\n`)
  write(files.authority, `${authority.toString('pem')}\n`)
  return files
}

function isUsable(files: DevelopmentCertificate): boolean {
  if (![files.authority, files.tls.certificate, files.tls.key].every((file) => existsSync(file))) return false
  try {
    const authority = new X509Certificate(readFileSync(files.authority))
    const server = new X509Certificate(readFileSync(files.tls.certificate))
    return (
      server.validToDate.getTime() - Date.now() > margin &&
      server.checkPrivateKey(createPrivateKey(readFileSync(files.tls.key))) &&
      server.verify(authority.publicKey)
    )
  } catch {
    return false
  }
}

/** Whole or not at all: a start that is killed leaves no half file. */
function write(file: string, text: string): void {
  const draft = `${file}.new`
  writeFileSync(draft, text, { mode: 0o600 })
  renameSync(draft, file)
}
