import type { Operation } from '../../kernel/operation.ts'
import type { Threshold } from '../../stages/inspect/injection/engine.ts'
import type { InspectPlan } from '../../stages/inspect/plan.ts'
import type { ScreenPlan } from '../../stages/screen/plan.ts'
import type { PolicyApi, Selecting } from './policy.ts'

/** Bodies that the contract declares as binary are streamed; this only stops one that never ends. */
const maxStreamBytes = 64 * 1024 ** 3

/** How requests of an API are inspected. */
export function requestPlanOf(policy: Selecting, api: PolicyApi, operation: Operation): InspectPlan {
  const { config } = api
  return {
    schema: config.controls.schema,
    injection: {
      mode: config.controls.injection,
      threshold: thresholdOf(policy, api, operation),
      exceptions: config.injection.exceptions
        .filter((one) => policy.select(api, one.for, `${one.pointer}/for`).includes(operation))
        .map((one) => ({ pointer: one.place, class: one.class })),
      effort: config.injection.effort,
    },
    maxBytes: config.bounds.requestBody,
    maxStreamBytes,
    depth: config.bounds.depth,
    sizes: config.bounds,
    ...(takesGraphql(policy, api, operation) && { graphql: config.graphql }),
  }
}

function thresholdOf(policy: Selecting, api: PolicyApi, operation: Operation): Threshold {
  const { injection } = api.config
  const own = injection.operations.find((one) =>
    policy.select(api, one.for, `${one.pointer}/for`).includes(operation),
  )
  return own?.threshold ?? injection.threshold
}

/** Marked in the contract, selected in the policy, or of a media type that is nothing else. */
function takesGraphql(policy: Selecting, api: PolicyApi, operation: Operation): boolean {
  const { graphql } = api.config
  return (
    operation.extension?.['graphql'] === true ||
    operation.input.body?.find('application/graphql')?.range === 'application/graphql' ||
    (graphql.for.length > 0 && policy.select(api, graphql.for, `${graphql.pointer}/for`).includes(operation))
  )
}

/** How replies of an operation are screened. */
export function replyPlanOf(api: PolicyApi, operation: Operation, reader: ScreenPlan['reader']): ScreenPlan {
  const { config } = api
  return {
    violations: config.controls['response-schema'],
    prune: config.prune,
    maxBytes: config.bounds.responseBody,
    authenticated: operation.security.length > 0,
    conceal: config.controls.secrets,
    reader,
  }
}
