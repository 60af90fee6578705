import type { ApiKeyConfig } from '../../config/types/identity-config.ts'
import type { ObjectConfig } from '../../config/types/security-config.ts'
import type { SecurityScheme } from '../../kernel/operation.ts'
import type { ApiPolicy, SchemePolicy } from '../../stages/authorize/options.ts'
import { keyIssuer } from '../../stages/identify/api-key/known-key.ts'
import { certificateSource } from '../../stages/identify/certificates/certificates.ts'
import type { SchemeMapping } from '../../stages/identify/options.ts'
import { isAsked } from './asked-objects.ts'
import { objectRuleOf } from './object-rule.ts'
import type { Policy, PolicyApi, Selecting } from './policy.ts'
import { propertyRulesOf } from './property-rules.ts'

/** The authorize rules of one API, from configuration and contract. */
export function apiPolicyOf(policy: Selecting, api: PolicyApi): ApiPolicy {
  const { config, contract } = api
  const { place } = policy.loaded
  const slots = (selectors: readonly string[], pointer: string): readonly number[] =>
    policy.select(api, selectors, `${pointer}/for`).map((operation) => operation.slot)
  return {
    name: config.name,
    operations: contract.operations,
    schemes: schemePolicies(policy, api),
    open: openSlots(policy, api),
    modes: {
      scope: config.controls.scope,
      function: config.controls.function,
      object: config.controls.object,
      property: config.controls.property,
    },
    functions: config.functions.map((rule) => ({
      operations: slots(rule.for, rule.pointer),
      allow: rule.allow,
      place: place(`${rule.pointer}/allow`),
      ...(rule.mode !== undefined && { mode: rule.mode }),
    })),
    objects: config.objects.filter(hasOwnerRule).map((rule) => objectRuleOf(policy, api, rule)),
    elsewhere: config.objects
      .filter(isAsked)
      .filter((rule) => !hasOwnerRule(rule))
      .map((rule) => objectRuleOf(policy, api, rule)),
    properties: propertyRulesOf(policy, api),
  }
}

/** Beside `learn`, `seal` or `ask`, `allow` alone lets callers past those; it is no rule of its own. */
function hasOwnerRule(rule: ObjectConfig): rule is ObjectConfig & { readonly id: string } {
  const alone = rule.learn === undefined && rule.seal === undefined && rule.ask === undefined
  return rule.id !== undefined && (rule.owner !== undefined || (alone && rule.allow !== undefined))
}

/** Operations that the contract declares public (`security: []`) or the configuration opens. */
function openSlots(policy: Selecting, api: PolicyApi): ReadonlySet<number> {
  const { config, contract } = api
  const slots = new Set(
    contract.operations
      .filter((one) => one.securityDeclared && one.security.length === 0)
      .map((one) => one.slot),
  )
  if (config.open.length > 0)
    for (const { slot } of policy.select(api, config.open, `${config.pointer}/open`)) slots.add(slot)
  return slots
}

/**
 * Which sources of callers each scheme of the contract means. A scheme that the configuration leaves out means every
 * issuer where it takes tokens, the certificates where it takes those, and the gateway's API keys where they are in
 * the header it names.
 */
export function schemeMappings(policy: Pick<Policy, 'loaded'>, api: PolicyApi): readonly SchemeMapping[] {
  const everyone = policy.loaded.config.issuers.map((issuer) => issuer.name)
  return [...api.contract.schemes.values()].flatMap((scheme): SchemeMapping[] => {
    const written = api.config.security.find((one) => one.scheme === scheme.name)
    if (written?.public === true) return [{ scheme: scheme.name, issuers: 'public' as const }]
    if (written !== undefined) return [{ scheme: scheme.name, issuers: written.issuers }]
    if (scheme.type === 'mutualTLS' && policy.loaded.config.certificates !== undefined)
      return [{ scheme: scheme.name, issuers: [certificateSource] }]
    if (scheme.type === 'apiKey' && isKeyHeader(scheme, policy.loaded.config.keys))
      return [{ scheme: scheme.name, issuers: [keyIssuer] }]
    return takesTokens(scheme) ? [{ scheme: scheme.name, issuers: everyone }] : []
  })
}

function isKeyHeader(
  scheme: Extract<SecurityScheme, { type: 'apiKey' }>,
  keys: ApiKeyConfig | undefined,
): boolean {
  return scheme.in === 'header' && scheme.field.toLowerCase() === keys?.header
}

function takesTokens(scheme: SecurityScheme): boolean {
  if (scheme.type === 'http') return ['bearer', 'dpop'].includes(scheme.scheme.toLowerCase())
  return scheme.type === 'oauth2' || scheme.type === 'openIdConnect'
}

function schemePolicies(policy: Pick<Policy, 'loaded'>, api: PolicyApi): ReadonlyMap<string, SchemePolicy> {
  return new Map(
    schemeMappings(policy, api).map(({ scheme, issuers }) => {
      const declared = api.contract.schemes.get(scheme)
      const type = declared?.type
      return [
        scheme,
        {
          issuers: issuers === 'public' ? issuers : new Set(issuers),
          certificate: false,
          bound: declared?.type === 'http' && declared.scheme.toLowerCase() === 'dpop',
          names: type === 'oauth2' || type === 'openIdConnect' ? 'scopes' : 'scopes-or-roles',
        },
      ]
    }),
  )
}
