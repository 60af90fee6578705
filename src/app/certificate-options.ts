import type { CertificatesConfig } from '../config/types/identity-config.ts'
import type { CertificateOptions } from '../stages/identify/certificates/certificates.ts'

/** Callers by certificate as identify takes them. */
export function certificateOptionsOf({ subject, trustDomain }: CertificatesConfig): CertificateOptions {
  return trustDomain === undefined ? { subject } : { subject, trustDomain }
}
