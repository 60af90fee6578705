import type { ContentPlan } from '../stages/screen/context/options.ts'
import type { TaintPlan } from '../stages/screen/context/taint/create-taint.ts'
import type { SecretPlan } from '../stages/screen/secrets/create-secret-screen.ts'
import type { PolicyApi, Selecting } from './policy.ts'

/** What is done about the texts of each operation's replies, by slot. */
export function contentPlansOf(
  policy: Selecting,
  apis: readonly PolicyApi[],
): readonly (ContentPlan | undefined)[] {
  const plans: (ContentPlan | undefined)[] = []
  for (const api of apis)
    for (const { for: selectors, trust, mode, hosts, envelope, pointer } of api.config.content)
      for (const { slot, id } of policy.select(api, selectors, `${pointer}/for`))
        plans[slot] ??= {
          trust,
          mode,
          control: api.config.controls.context,
          source: id,
          hosts,
          envelope,
          maxBytes: api.config.bounds.responseBody,
        }
  return plans
}

/** What is done about secrets in each operation's replies, by slot. */
export function secretPlansOf(
  policy: Selecting,
  apis: readonly PolicyApi[],
): readonly (SecretPlan | undefined)[] {
  const plans: (SecretPlan | undefined)[] = []
  for (const api of apis) {
    const { secrets, controls } = api.config
    const mode = controls.secrets
    if (mode === 'off') continue
    const { action, kinds } = secrets
    for (const { slot } of api.contract.operations) plans[slot] = { mode, action, kinds }
    if (secrets.except.length > 0)
      for (const { slot } of policy.select(api, secrets.except, `${secrets.pointer}/except`))
        plans[slot] = undefined
  }
  return plans
}

/** Every operation of an API of which some show the texts of others. */
export function taintPlansOf(
  apis: readonly PolicyApi[],
  content: readonly (ContentPlan | undefined)[],
): readonly (TaintPlan | undefined)[] {
  const plans: (TaintPlan | undefined)[] = []
  for (const api of apis) {
    const foreign = api.contract.operations.some(({ slot }) => {
      const trust = content[slot]?.trust
      return trust === 'user-generated' || trust === 'external'
    })
    const { mode, approval } = api.config.taint
    if (foreign && mode !== 'off')
      for (const { slot } of api.contract.operations) plans[slot] = { mode, approval }
  }
  return plans
}
