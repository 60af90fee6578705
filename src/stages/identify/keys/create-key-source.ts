import { createKeySet, type KeySet, parseKeySet } from '../../../crypto/key-set.ts'
import { parsePublicPem, parseSecret } from '../../../crypto/parse-pem.ts'
import type { KeyProblem, VerificationKey } from '../../../crypto/verification-key.ts'
import type { Clock } from '../../../kernel/clock.ts'
import { Unusable } from '../../../kernel/finding.ts'
import type { Outbound } from '../../../outbound/create-outbound.ts'
import type { IssuerOptions } from '../options.ts'
import { createFixedKeys, type KeySource } from './key-source.ts'
import { loadFromDiscovery, loadFromFile, loadFromUrl } from './load-keys.ts'
import { createRenewedKeys, type LoadKeys } from './renewed-keys.ts'

const hour = 3_600_000

/** Throws `Unusable` where keys that are at hand cannot be used: a broken file or PEM, a short secret. */
export function createKeySource(
  issuer: IssuerOptions,
  context: { readonly outbound: Outbound; readonly clock: Clock; readonly onChange: () => void },
): KeySource {
  const { keys, algorithms } = issuer
  const { outbound, clock, onChange } = context
  const renewed = (load: LoadKeys, freshMs: number, initial?: KeySet): KeySource =>
    createRenewedKeys({
      load,
      clock,
      onChange,
      freshMs: Math.min(issuer.keysFreshMs ?? freshMs, 60_000),
      staleMs: issuer.keysStaleMs ?? hour,
      cooldownMs: issuer.keysCooldownMs ?? 30_000,
      ...(initial === undefined ? {} : { initial }),
    })
  const fromFile = (file: string, read: (text: string) => KeySet): KeySource => {
    const { initial, load } = atStart(issuer, () => loadFromFile(file, read))
    return renewed(load, 5000, initial)
  }

  switch (keys.kind) {
    case 'discovery':
      return renewed(loadFromDiscovery(outbound, issuer.issuer, algorithms, clock), 45_000)
    case 'jwks-url':
      return renewed(loadFromUrl(outbound, keys.url, algorithms), 45_000)
    case 'jwks-file':
      return fromFile(keys.file, (text) => usableSet(JSON.parse(text), issuer))
    case 'jwks':
      return createFixedKeys(atStart(issuer, () => usableSet(keys.value, issuer)))
    case 'public-key': {
      const read = (pem: string): KeySet => single(parsePublicPem(pem, algorithms))
      return 'pem' in keys
        ? createFixedKeys(atStart(issuer, () => read(keys.pem)))
        : fromFile(keys.file, read)
    }
    case 'secret':
      return createFixedKeys(atStart(issuer, () => single(parseSecret(keys.secret, algorithms))))
  }
}

function usableSet(document: unknown, issuer: IssuerOptions): KeySet {
  const set = parseKeySet(document, issuer.algorithms, { secrets: true })
  if (set === undefined) throw new Error('not a JWK Set')
  if (set.keys.length === 0)
    throw new Error(`no usable key (${[...new Set(set.problems)].join(', ') || 'empty'})`)
  return set
}

function single(key: VerificationKey | KeyProblem): KeySet {
  if (typeof key === 'string') throw new Error(key)
  return createKeySet([key], { named: false })
}

function atStart<T>(issuer: IssuerOptions, make: () => T): T {
  try {
    return make()
  } catch (error) {
    // A JSON error quotes the text it met, which may be a secret.
    const why =
      error instanceof SyntaxError ? 'not JSON' : error instanceof Error ? error.message : 'unreadable'
    throw new Unusable([
      {
        rule: 'identify.keys',
        severity: 'error',
        message: `the keys of issuer "${issuer.name}" cannot be used: ${why}`,
        fix: `give keys that fit ${issuer.algorithms.join(', ')}`,
      },
    ])
  }
}
