import type { Finding } from '../../kernel/finding.ts'
import type { Operation, SecurityAlternative, SecurityScheme } from '../../kernel/operation.ts'
import type { Principal } from '../../kernel/principal.ts'
import type { ApiOptions } from './options.ts'
import { type CredentialFamily, familyOf, isSourceOf } from './scheme-family.ts'

/** What one scheme of an alternative asks for. */
export interface Demand {
  /** Whose credentials do: names of issuers, `keys`, `certificates`. */
  readonly sources: ReadonlySet<string>
  /** Only a token that is bound to a key does (the scheme `http dpop`). */
  readonly bound: boolean
}

/** One alternative that can be satisfied here; without demands it is satisfied by everybody. */
export interface PlannedAlternative {
  readonly alternative: SecurityAlternative
  readonly demands: readonly Demand[]
}

/** What one operation asks of its caller, worked out at start. */
export interface Plan {
  /** `open`: nobody is asked. `closed`: nothing that can be proven here would do. */
  readonly kind: 'open' | 'guarded' | 'closed'
  /** Names of the issuers whose tokens some alternative accepts. */
  readonly issuers: readonly string[]
  /** Sources besides issuers: `keys`, `certificates`. */
  readonly others: readonly string[]
  /** True where a caller without any credential passes as anonymous. */
  readonly optional: boolean
  readonly alternatives: readonly PlannedAlternative[]
  /** True where one token of one of the issuers is all that any alternative asks for. */
  readonly plain: boolean
  /** Whether tokens are taken without a proof at all. */
  readonly bearer: boolean
}

/** The alternatives that these credentials satisfy together, scopes apart. */
export function satisfiedBy(plan: Plan, proven: readonly Principal[]): readonly SecurityAlternative[] {
  return plan.alternatives
    .filter(({ demands }) => demands.every((demand) => proven.some((one) => meets(one, demand))))
    .map(({ alternative }) => alternative)
}

/** Whether some alternative is satisfied. */
export function isSatisfied(plan: Plan, proven: readonly Principal[]): boolean {
  for (const { demands } of plan.alternatives)
    if (demands.every((demand) => proven.some((one) => meets(one, demand)))) return true
  return false
}

function meets(principal: Principal, demand: Demand): boolean {
  return demand.sources.has(principal.issuer) && (!demand.bound || principal.cnf?.jkt !== undefined)
}

/** What a scheme means, or why it can never be satisfied. */
type Meaning = (Demand & { readonly family: CredentialFamily }) | 'public' | { readonly missing: Finding }

/**
 * Compiles the security requirements of one API. `others` are the sources besides issuers that exist, `keyHeader` the
 * lower-case field of API keys. One token must do for all token schemes of an alternative, because a request has one Authorization field.
 */
export function compilePlans(
  api: ApiOptions,
  issuers: readonly string[],
  others: readonly string[] = [],
  keyHeader?: string,
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
    const family = familyOf(scheme)
    if (family === undefined || (family !== 'token' && !others.includes(family)))
      return missing('scheme-unsupported', `"${name}" (${scheme.type}) cannot be checked here`)
    if (scheme.type === 'apiKey' && !isIn(scheme, keyHeader))
      return missing(
        'scheme-key-place',
        scheme.in === 'header'
          ? `"${name}" has API keys in another header than \`keys.header\` says`
          : `"${name}" has API keys in the ${scheme.in}: they would end in logs, or be sent by other sites`,
        'name the same header under `keys.header` and in the contract',
      )
    const everyone = family === 'token' ? issuers : [family]
    const names = (to ?? (api.security === undefined ? everyone : [])).filter((one) =>
      isSourceOf(family, one),
    )
    if (names.length === 0) return missing('scheme-unmapped', `"${name}" is not mapped to any issuer`)
    const bound = scheme.type === 'http' && scheme.scheme.toLowerCase() === 'dpop'
    return { sources: new Set(names), bound, family }
  }

  function missing(
    rule: string,
    what: string,
    fix = `map the scheme under apis.${api.name}.security`,
  ): Meaning {
    return {
      missing: {
        rule: `identify.${rule}`,
        severity: 'error',
        message: `API "${api.name}": security scheme ${what}; operations that need it are denied`,
        fix,
      },
    }
  }

  function compile(operation: Operation): Plan {
    if (operation.security.length === 0) {
      report(openDoor('public-operation', 'note', operation, 'the contract declares it public'), operation.id)
      return openPlan
    }
    const alternatives = operation.security.flatMap((alternative) => planOf(alternative) ?? [])
    const optional = alternatives.some(({ demands }) => demands.length === 0)
    const open = alternatives.length === operation.security.length && !alternatives.some(hasDemands)
    if (optional)
      report(
        openDoor('anonymous-operation', 'warning', operation, 'a caller without credentials passes'),
        operation.id,
      )
    if (open) return { ...openPlan, alternatives }
    if (alternatives.length === 0) return closedPlan
    const demands = alternatives.flatMap((one) => one.demands)
    const sources = [...new Set(demands.flatMap((demand) => [...demand.sources]))]
    const tokens = demands.filter((demand) => [...demand.sources].some((name) => isSourceOf('token', name)))
    return {
      kind: 'guarded',
      issuers: sources.filter((name) => isSourceOf('token', name)),
      others: sources.filter((name) => !isSourceOf('token', name)),
      optional,
      alternatives,
      plain: demands.length === tokens.length && !tokens.some((demand) => demand.bound),
      bearer: tokens.some((demand) => !demand.bound),
    }
  }

  /** Undefined where nothing can satisfy it. All its token schemes become one demand, the first. */
  function planOf(alternative: SecurityAlternative): PlannedAlternative | undefined {
    let possible = true
    let token: Demand | undefined
    const rest: Demand[] = []
    for (const use of alternative) {
      const meaning = meaningOf(use.scheme)
      if (meaning === 'public') continue
      if ('missing' in meaning) {
        report(meaning.missing, use.scheme)
        possible = false
      } else if (meaning.family !== 'token') rest.push({ sources: meaning.sources, bound: false })
      else
        token = {
          sources: token === undefined ? meaning.sources : token.sources.intersection(meaning.sources),
          bound: meaning.bound || token?.bound === true,
        }
    }
    if (!possible || token?.sources.size === 0) return undefined
    return { alternative, demands: token === undefined ? rest : [token, ...rest] }
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

function hasDemands({ demands }: PlannedAlternative): boolean {
  return demands.length > 0
}

const openPlan: Plan = {
  kind: 'open',
  issuers: [],
  others: [],
  optional: true,
  alternatives: [{ alternative: [], demands: [] }],
  plain: true,
  bearer: false,
}
const closedPlan: Plan = { ...openPlan, kind: 'closed', optional: false, alternatives: [] }

/** API keys come in one header field, by any spelling of its name. */
function isIn(scheme: Extract<SecurityScheme, { type: 'apiKey' }>, header: string | undefined): boolean {
  return scheme.in === 'header' && (header === undefined || scheme.field.toLowerCase() === header)
}
