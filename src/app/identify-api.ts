import type { ApiOptions } from '../stages/identify/options.ts'
import type { StepUpRule } from '../stages/identify/step-up.ts'
import { schemeMappings } from './policy/api-policy.ts'
import type { PolicyApi, Selecting } from './policy/policy.ts'
import type { ResourceMetadata } from './resource-metadata.ts'

/** One API as identify takes it. */
export function identifyApiOf(policy: Selecting, api: PolicyApi, metadata: ResourceMetadata): ApiOptions {
  const { name, url } = api.config
  const external = url === undefined ? null : URL.parse(url)
  return {
    name,
    schemes: [...api.contract.schemes.values()],
    security: schemeMappings(policy, api),
    operations: api.contract.operations,
    address: {
      url: external === null ? undefined : external.origin + external.pathname.replace(/\/$/, ''),
      basePath: api.basePath,
    },
    metadata: (matched) => metadata.urlOf(name, matched),
    stepUp: api.config.authentication.map(
      (rule): StepUpRule => ({
        operations: policy.select(api, rule.for, `${rule.pointer}/for`).map((operation) => operation.slot),
        ...(rule.maxAge !== undefined && { maxAge: rule.maxAge / 1000 }),
        ...(rule.acr !== undefined && { acr: rule.acr }),
        ...(rule.amr !== undefined && { amr: rule.amr }),
      }),
    ),
  }
}
