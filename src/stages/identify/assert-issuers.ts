import { isSignatureAlgorithm } from '../../crypto/signature-algorithm.ts'
import { type Finding, Unusable } from '../../kernel/finding.ts'
import { bareType, foreignTypes } from './bearer/token-type.ts'
import type { ApiOptions, IssuerOptions } from './options.ts'

/** Throws `Unusable` for issuers that would be a hole or could never work, naming what to write. */
export function assertIssuers(issuers: readonly IssuerOptions[], apis: readonly ApiOptions[]): void {
  const findings: Finding[] = []
  const refuse = (message: string, fix: string): void =>
    void findings.push({ rule: 'identify.issuer', severity: 'error', message, fix })
  const names = new Set<string>()
  for (const issuer of issuers) {
    const who = `issuer "${issuer.name}"`
    if (issuer.name === '' || names.has(issuer.name)) refuse(`${who}: names must be unique`, 'give it a name')
    names.add(issuer.name)
    if (issuer.issuer === '') refuse(`${who}: issuer is empty`, 'write the exact iss of its tokens')
    if (
      issuer.introspection === undefined &&
      issuer.keys.kind === 'discovery' &&
      URL.parse(issuer.issuer) === null
    )
      refuse(`${who}: discovery needs an issuer that is a URL`, 'write a URL, or other keys')
    if (issuer.audience.length === 0 || issuer.audience.includes(''))
      refuse(`${who}: audience is empty`, 'write the identifier that its tokens bear in aud')
    if (issuer.introspection === undefined) checkAlgorithms(issuer, who, refuse)
    else if (URL.parse(issuer.introspection.url) === null)
      refuse(`${who}: introspection needs a URL`, 'write the URL of its introspection endpoint')
    const tolerance = issuer.clockToleranceSeconds ?? 0
    if (!(tolerance >= 0 && tolerance <= 60))
      refuse(`${who}: a clock tolerance of ${tolerance} s`, 'write 0s to 60s')
    for (const type of issuer.types ?? [])
      if (foreignTypes.has(bareType(type)))
        refuse(`${who}: "${type}" is no type of an access token`, 'remove it')
  }
  for (const api of apis)
    for (const mapping of api.security ?? [])
      for (const name of mapping.issuers === 'public' ? [] : mapping.issuers)
        if (name !== 'keys' && name !== 'certificates' && !names.has(name))
          refuse(`API "${api.name}": scheme "${mapping.scheme}" names no issuer "${name}"`, 'write an issuer')
  if (findings.length > 0) throw new Unusable(findings)
}

function checkAlgorithms(
  issuer: IssuerOptions,
  who: string,
  refuse: (message: string, fix: string) => void,
): void {
  if (issuer.algorithms.length === 0) refuse(`${who}: no algorithms`, 'write for example [ES256]')
  let shared = 0
  for (const name of issuer.algorithms) {
    if (!isSignatureAlgorithm(name))
      refuse(`${who}: an algorithm that is not known`, 'write for example ES256')
    else if (name.startsWith('HS')) shared++
  }
  // With public keys an HS entry could only serve to take a public key for a secret (CVE-2015-9235).
  const { kind } = issuer.keys
  if (kind === 'secret' && shared < issuer.algorithms.length)
    refuse(`${who}: a secret fits HS256, HS384, HS512 alone`, 'write one of them')
  if (kind !== 'secret' && shared > 0 && shared < issuer.algorithms.length)
    refuse(`${who}: HS algorithms beside public-key ones`, 'write two issuers')
  if (kind !== 'secret' && kind !== 'jwks' && kind !== 'jwks-file' && shared > 0)
    refuse(`${who}: HS algorithms need a secret`, 'write keys: { secret: ... }')
}
