import type { Finding } from '../../kernel/finding.ts'
import type { Operation, SecurityAlternative, SecurityScheme } from '../../kernel/operation.ts'
import type { ApiOptions } from './options.ts'

/** What one operation asks of its caller, worked out at start. */
export interface Plan {
  /** `open`: nobody is asked. `closed`: nothing that can be proven here would do. */
  readonly kind: 'open' | 'guarded' | 'closed'
  /** Names of the issuers whose tokens some alternative accepts. */
  readonly issuers: readonly string[]
  /** True where a caller without any credential passes as anonymous. */
  readonly optional: boolean
  /** Issuer → the alternatives that its tokens satisfy (scopes apart); the empty name stands for anonymous. */
  readonly satisfied: ReadonlyMap<string, readonly SecurityAlternative[]>
}

/** Names of issuers, `public`, or why a scheme can never be satisfied. */
type Meaning = ReadonlySet<string> | 'public' | { readonly missing: Finding }

/** Compiles the security schemes of one API: each scheme's meaning, with a finding where it has none. */
export function compilePlans(
  api: ApiOptions,
  issuers: readonly string[],
): { readonly plans: ReadonlyMap<number, Plan>; readonly findings: readonly Finding[] } {
  const declared = new Map(api.schemes.map((scheme) => [scheme.name, scheme]))
  const mapped = new Map(api.security?.map((mapping) => [mapping.scheme, mapping.issuers]))
  const findings = new Map<string, Finding>()
  const report = (finding: Finding, of: string): void => void findings.set(`${finding.rule} ${of}`, finding)

  function meaningOf(name: string): Meaning {
    const to = mapped.get(name)
    if (to === 'public') return 'public'
    const scheme = declared.get(name)
    if (scheme === undefined)
      return missing('scheme-undeclared', `"${name}" is not declared under securitySchemes`)
    if (!isBearer(scheme))
      return missing('scheme-unsupported', `"${name}" (${scheme.type}) cannot be checked yet`)
    const names = to ?? (api.security === undefined ? issuers : [])
    if (names.length === 0) return missing('scheme-unmapped', `"${name}" is not mapped to any issuer`)
    return new Set(names)
  }

  function missing(rule: string, what: string): Meaning {
    return {
      missing: {
        rule: `identify.${rule}`,
        severity: 'error',
        message: `API "${api.name}": security scheme ${what}; operations that need it are denied`,
        fix: `map the scheme under apis.${api.name}.security`,
      },
    }
  }

  function compile(operation: Operation): Plan {
    if (operation.security.length === 0) {
      report(openDoor('public-operation', 'note', operation, 'the contract declares it public'), operation.id)
      return openPlan
    }
    const satisfied = new Map<string, SecurityAlternative[]>()
    let open = true
    for (const alternative of operation.security) {
      const accepted = acceptedBy(alternative)
      if (accepted === undefined) open = false
      else if (accepted === 'public') grow(satisfied, '', alternative)
      else {
        open = false
        for (const issuer of accepted) grow(satisfied, issuer, alternative)
      }
    }
    const anonymous = satisfied.get('')
    if (open || anonymous !== undefined)
      report(
        openDoor('anonymous-operation', 'warning', operation, 'a caller without credentials passes'),
        operation.id,
      )
    if (open) return openPlan
    const names = [...satisfied.keys()].filter((name) => name !== '')
    // What anonymous callers satisfy, identified ones do too.
    for (const name of names) for (const alternative of anonymous ?? []) grow(satisfied, name, alternative)
    if (names.length === 0 && anonymous === undefined) return closedPlan
    return { kind: 'guarded', issuers: names, optional: anonymous !== undefined, satisfied }
  }

  /** Issuers whose one token satisfies every scheme of an alternative; undefined where nothing can. */
  function acceptedBy(alternative: SecurityAlternative): ReadonlySet<string> | 'public' | undefined {
    let accepted: ReadonlySet<string> | 'public' | undefined = 'public'
    for (const use of alternative) {
      const meaning = meaningOf(use.scheme)
      if (typeof meaning === 'object' && 'missing' in meaning) {
        report(meaning.missing, use.scheme)
        accepted = undefined
      } else if (meaning !== 'public' && accepted !== undefined)
        accepted = accepted === 'public' ? meaning : accepted.intersection(meaning)
    }
    return accepted !== undefined && accepted !== 'public' && accepted.size === 0 ? undefined : accepted
  }

  function openDoor(rule: string, severity: Finding['severity'], operation: Operation, why: string): Finding {
    return {
      rule: `open-door.${rule}`,
      severity,
      message: `API "${api.name}": ${operation.id} is open: ${why}`,
      place: operation.place,
    }
  }

  const plans = new Map(api.operations.map((operation) => [operation.slot, compile(operation)]))
  return { plans, findings: [...findings.values()] }
}

function isBearer(scheme: SecurityScheme): boolean {
  switch (scheme.type) {
    case 'http':
      return scheme.scheme.toLowerCase() === 'bearer'
    case 'oauth2':
    case 'openIdConnect':
      return true
    default:
      return false
  }
}

function grow(map: Map<string, SecurityAlternative[]>, key: string, alternative: SecurityAlternative): void {
  const list = map.get(key)
  if (list === undefined) map.set(key, [alternative])
  else if (!list.includes(alternative)) list.push(alternative)
}

const openPlan: Plan = { kind: 'open', issuers: [], optional: true, satisfied: new Map([['', [[]]]]) }
const closedPlan: Plan = { kind: 'closed', issuers: [], optional: false, satisfied: new Map() }
