import type { Operation } from '../kernel/operation.ts'
import type { InspectPlan } from '../stages/inspect/plan.ts'
import type { ScreenPlan } from '../stages/screen/plan.ts'
import type { PolicyApi } from './policy.ts'

/** Bodies that the contract declares as binary are streamed; this only stops one that never ends. */
const maxStreamBytes = 64 * 1024 ** 3

/** How requests of an API are inspected. */
export function requestPlanOf(api: PolicyApi): InspectPlan {
  const { config } = api
  return {
    schema: config.controls.schema,
    maxBytes: config.bounds.requestBody,
    maxStreamBytes,
    depth: config.bounds.depth,
  }
}

/** How replies of an operation are screened. */
export function replyPlanOf(api: PolicyApi, operation: Operation): ScreenPlan {
  const { config } = api
  return {
    violations: config.controls['response-schema'],
    prune: config.prune,
    maxBytes: config.bounds.responseBody,
    authenticated: operation.security.length > 0,
  }
}
