import type { AskConfig, ObjectConfig } from '../../config/types/security-config.ts'
import type { AskedRule, AskingApi } from '../../stages/authorize/asking/options.ts'
import { objectRuleOf } from './object-rule.ts'
import type { PolicyApi, Selecting } from './policy.ts'

/** What external decision points are asked about in one API; undefined where nothing. */
export function askingApiOf(policy: Selecting, api: PolicyApi): AskingApi | undefined {
  const rules = api.config.objects.filter(isAsked).map(
    (config): AskedRule => ({
      rule: objectRuleOf(policy, api, { ...config, owner: undefined }),
      point: config.ask.point,
      token: config.ask.token,
      type: config.ask.type ?? config.name,
      action: typeof config.ask.action === 'object' ? new Map(config.ask.action) : config.ask.action,
      subjectType: config.ask.subjectType,
      subject: config.ask.subject,
      context: new Map(config.ask.context),
      deadlineMs: config.ask.deadline,
      cacheMs: config.ask.cache,
      batch: config.ask.batch,
      mode: config.ask.mode ?? config.mode ?? api.config.controls.object,
    }),
  )
  if (rules.length === 0) return undefined
  return { name: api.config.name, operations: api.contract.operations, rules }
}

export function isAsked(
  rule: ObjectConfig,
): rule is ObjectConfig & { readonly id: string; readonly ask: AskConfig } {
  return rule.id !== undefined && rule.ask !== undefined
}
