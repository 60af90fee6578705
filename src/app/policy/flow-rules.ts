import type { FlowRule } from '../../stages/authorize/flows/options.ts'
import type { PolicyApi, Selecting } from './policy.ts'

/** The flows of one API, with the operations that their selectors select. */
export function flowRulesOf(policy: Selecting, api: PolicyApi): readonly FlowRule[] {
  return api.config.flows.map((flow) => ({
    name: flow.name,
    api: api.config.name,
    steps: flow.steps.map((selectors, i) =>
      policy.select(api, selectors, `${flow.pointer}/steps/${i}`).map((operation) => operation.slot),
    ),
    paceMs: flow.pace,
    withinMs: flow.within,
    mode: flow.mode ?? api.config.controls.function,
  }))
}
