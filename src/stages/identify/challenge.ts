import type { Matched } from '../../kernel/facts.ts'
import type { ProblemCode } from '../../kernel/problem.ts'
import type { Denial } from '../../kernel/verdict.ts'
import { proofAlgorithms } from './dpop/proof-key.ts'

/** Error of the challenge by code of the refusal (RFC 6750 §3.1, RFC 9449 §7.1, RFC 9470 §3); undefined: none is told. */
const errors: ReadonlyMap<ProblemCode, string | undefined> = new Map<ProblemCode, string | undefined>([
  ['IDENTIFY_REQUIRED', undefined],
  ['IDENTIFY_MALFORMED', 'invalid_request'],
  ['IDENTIFY_TOKEN_INVALID', 'invalid_token'],
  ['IDENTIFY_TOKEN_EXPIRED', 'invalid_token'],
  ['IDENTIFY_TOKEN_REVOKED', 'invalid_token'],
  ['IDENTIFY_PROOF_INVALID', 'invalid_dpop_proof'],
  ['IDENTIFY_NONCE_REQUIRED', 'use_dpop_nonce'],
  ['IDENTIFY_STEP_UP', 'insufficient_user_authentication'],
  ['AUTHORIZE_SCOPE', 'insufficient_scope'],
  ['AUTHORIZE_DESTINATION', 'insufficient_scope'],
])

export interface ChallengeOptions {
  readonly realm: string | undefined
  /** Tokens are taken as Bearer, with proofs, or both. */
  readonly bearer: boolean
  readonly dpop: boolean
  /** URL of the metadata of the resource that was called (RFC 9728 §5.1). */
  readonly metadata: ((matched: Matched) => string) | undefined
}

/** A refusal with the challenges of its operation; refusals of other stages' codes come back as they are. */
export type Challenge = (matched: Matched, denial: Denial, more?: string) => Denial

/** What may stand inside quotes: printable ASCII without quote and backslash (RFC 9110 §5.6.4). */
const quotable = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/

/**
 * Compiles the `WWW-Authenticate` fields of one operation: one field a scheme it takes, the error on the scheme that
 * the caller used. `more` holds further parameters of the error, ready to be written. Who was let in and lacks a scope is
 * told of the scheme they used alone: another one would not help (RFC 6750 §3.1, RFC 9449 §7.1).
 */
export function compileChallenge(options: ChallengeOptions): Challenge {
  const { realm, metadata } = options
  const dpop = options.dpop
  // A caller must be told something (RFC 9110 §15.5.2), also where only a key or a certificate would do.
  const bearer = options.bearer || !dpop
  const algorithms = `algs="${proofAlgorithms.join(' ')}"`
  const named = realm === undefined ? [] : [`realm="${realm}"`]

  return (matched, denial, more) => {
    if (!errors.has(denial.code)) return denial
    const error = errors.get(denial.code)
    const used = dpop && (!bearer || /^dpop(?: |$)/i.test(matched.fields.get('authorization') ?? ''))
    const alone = denial.code === 'AUTHORIZE_SCOPE' || denial.code === 'AUTHORIZE_DESTINATION'
    const failed = error === undefined ? [] : [`error="${error}"`]
    if (more !== undefined) failed.push(more)
    const url = metadata?.(matched)
    const place = url !== undefined && quotable.test(url) ? [`resource_metadata="${url}"`] : []
    const fields = (denial.fields ?? []).filter((_field, i, all) => {
      const name = i % 2 === 0 ? all[i] : all[i - 1]
      return name?.toLowerCase() !== 'www-authenticate'
    })
    if (bearer && !(alone && used))
      fields.push('www-authenticate', written('Bearer', [...named, ...(used ? [] : failed), ...place]))
    if (dpop && (!alone || used))
      fields.push(
        'www-authenticate',
        written('DPoP', [...named, ...(used ? failed : []), algorithms, ...place]),
      )
    return { ...denial, fields }
  }
}

function written(scheme: string, parameters: readonly string[]): string {
  return parameters.length === 0 ? scheme : `${scheme} ${parameters.join(', ')}`
}
