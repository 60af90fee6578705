import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { AuthorityConfig } from '../../config/types/authority-config.ts'
import { Unusable } from '../../kernel/finding.ts'
import { createOutbound, type Outbound } from '../../outbound/create-outbound.ts'

/**
 * The client of the authorization server's own calls. It is not the one for issuers' keys: a client's `jwks_uri` must not
 * reach what only an issuer may be. Throws `Unusable` for a list or a file that cannot be read.
 */
export function createAuthorityOutbound({ outbound, pointer }: AuthorityConfig): Outbound {
  return createOutbound({
    allowPrivate: outbound.allow,
    ...(outbound.authorities !== undefined && { authorities: [read(outbound.authorities, pointer)] }),
    timeoutMs: 2_500,
    maxBytes: 65_536,
  })
}

function read(file: string, pointer: string): string {
  try {
    const text = readFileSync(file, 'utf8')
    new X509Certificate(text)
    return text
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'unknown'
    throw new Unusable([
      {
        rule: 'authority.authorities',
        severity: 'error',
        message: `cannot use the certificate authorities of \`${pointer.slice(1)}.outbound\`: ${reason}`,
      },
    ])
  }
}
