import type { Identified } from '../../kernel/facts.ts'
import type { Mode } from '../../kernel/mode.ts'
import type { Operation, SecurityAlternative } from '../../kernel/operation.ts'
import type { Principal } from '../../kernel/principal.ts'
import { allow, type Denial, deny } from '../../kernel/verdict.ts'
import type { Check } from './check.ts'
import type { ApiPolicy, SchemePolicy } from './options.ts'

const check = 'authorize.scope'

interface Requirement {
  readonly scheme: SchemePolicy
  readonly names: readonly string[]
}

interface Alternative {
  readonly requirements: readonly Requirement[]
  readonly refusal: Denial
  /** Parameter of the challenge. */
  readonly scope: string
}

const anonymousRefusal: Denial = deny('IDENTIFY_REQUIRED', check, 'no credential where one is required', {
  fields: ['WWW-Authenticate', 'Bearer'],
})
const issuerRefusal: Denial = deny(
  'AUTHORIZE_FUNCTION',
  check,
  'no security alternative of the operation takes the caller’s issuer',
)

/** RFC 6749 §3.3 scope-token: what may stand inside the quoted `scope` of a challenge. */
const scopeToken = /^[\x21\x23-\x5b\x5d-\x7e]+$/

function compileAlternative(alternative: SecurityAlternative, api: ApiPolicy): Alternative | undefined {
  const requirements: Requirement[] = []
  for (const use of alternative) {
    const scheme = api.schemes.get(use.scheme)
    if (scheme === undefined) return undefined
    requirements.push({ scheme, names: use.scopes })
  }
  const names = [...new Set(alternative.flatMap((use) => use.scopes))]
  const scope = names.filter((name) => scopeToken.test(name)).join(' ')
  return {
    requirements,
    scope: `scope="${scope}"`,
    refusal: deny('AUTHORIZE_SCOPE', check, `needs scope ${names.join(' ')}`, {
      fields: ['WWW-Authenticate', `Bearer error="insufficient_scope", scope="${scope}"`],
    }),
  }
}

/** Whose credential satisfies a scheme: the caller's own, or one that stands beside it on the same call. */
function provenBy(requirement: Requirement, call: Identified): Principal | undefined {
  const { issuers, certificate, bound } = requirement.scheme
  const { principal } = call
  if (issuers === 'public') return principal
  const fits = (one: Principal): boolean =>
    // An anonymous caller's issuer is the empty string, which names no issuer.
    one.issuer !== '' && issuers.has(one.issuer) && (bound !== true || one.cnf?.jkt !== undefined)
  if (fits(principal)) return principal
  const beside = principal.beside?.find(fits)
  if (beside !== undefined) return beside
  return certificate && call.channel.certificate !== undefined ? principal : undefined
}

function hasNames(requirement: Requirement, { scopes, roles }: Principal): boolean {
  const orRoles = requirement.scheme.names === 'scopes-or-roles'
  for (const name of requirement.names)
    if (!scopes.includes(name) && !(orRoles && roles.includes(name))) return false
  return true
}

/**
 * The contract's security requirements: one alternative of which the caller's issuer satisfies every scheme and
 * the caller has every scope (`AUTHORIZE_SCOPE`, RFC 6750 §3.1). Without such an issuer the call is refused
 * whatever the mode: that is authentication, not a scope. Undefined where the contract asks for nothing and
 * nobody wrote that the operation is open.
 */
export function compileScopeRule(operation: Operation, api: ApiPolicy): Check | undefined {
  const mode: Mode = api.modes.scope
  if (operation.security.length === 0)
    return api.open.has(operation.slot)
      ? { name: check, label: 'public', mode: 'enforce', phase: 'head', judge: () => allow }
      : undefined
  const alternatives = operation.security
    .map((alternative) => compileAlternative(alternative, api))
    .filter((alternative) => alternative !== undefined)

  return {
    name: check,
    label: 'contract',
    mode: 'enforce',
    phase: 'head',
    judge: (call) => {
      let refused: Alternative | undefined
      for (const alternative of alternatives) {
        let credential = true
        let names = true
        for (const requirement of alternative.requirements) {
          const by = provenBy(requirement, call)
          if (by === undefined) credential = false
          else if (!hasNames(requirement, by)) names = false
        }
        if (!credential) continue
        if (names || mode === 'off') return allow
        refused ??= alternative
      }
      if (refused === undefined) {
        if (call.principal.issuer !== '') return issuerRefusal
        return api.challenge?.(call, anonymousRefusal) ?? anonymousRefusal
      }
      const { refusal, scope } = refused
      if (mode === 'enforce') return api.challenge?.(call, refusal, scope) ?? refusal
      call.trail.note('authorize', check, 'deny', refusal.code, refusal.reason, true)
      return allow
    },
  }
}
