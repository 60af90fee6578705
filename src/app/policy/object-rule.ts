import type { ObjectConfig } from '../../config/types/security-config.ts'
import { nearest } from '../../config/yaml/nearest.ts'
import { Unusable } from '../../kernel/finding.ts'
import type { ObjectRule } from '../../stages/authorize/options.ts'
import type { PolicyApi, Selecting } from './policy.ts'

/** An object type of the configuration as authorize takes it. Throws `Unusable` for a `read` or `schema` that is not there. */
export function objectRuleOf(
  policy: Selecting,
  api: PolicyApi,
  rule: ObjectConfig & { readonly id: string },
): ObjectRule {
  const { place } = policy.loaded
  return {
    name: rule.name,
    id: rule.id,
    owner: rule.owner,
    allow: rule.allow,
    operations:
      rule.for.length === 0
        ? undefined
        : policy.select(api, rule.for, `${rule.pointer}/for`).map((operation) => operation.slot),
    ...(rule.subject !== undefined && { subject: rule.subject }),
    ...(rule.issuers !== undefined && { issuers: rule.issuers }),
    ...(rule.mode !== undefined && { mode: rule.mode }),
    ...(rule.read !== undefined && { read: readSlot(policy, api, rule) }),
    ...(rule.schema !== undefined && { schema: schemaOf(policy, api, rule) }),
    ...(rule.list !== undefined && { list: rule.list }),
    ...(rule.hidden !== undefined && { hidden: rule.hidden }),
    place: place(rule.pointer),
    at: {
      id: place(`${rule.pointer}/id`),
      owner: place(`${rule.pointer}/owner`),
      allow: place(`${rule.pointer}/allow`),
    },
  }
}

/** The one GET that `read` selects. */
function readSlot(policy: Selecting, api: PolicyApi, rule: ObjectConfig): number {
  const pointer = `${rule.pointer}/read`
  const found = policy.select(api, [rule.read ?? ''], pointer)
  const [only] = found
  if (only !== undefined && found.length === 1 && only.method === 'GET') return only.slot
  throw unusable(policy, pointer, `object "${rule.name}": "read" must select exactly one GET operation`)
}

function schemaOf(policy: Selecting, api: PolicyApi, rule: ObjectConfig): string {
  const name = rule.schema ?? ''
  if (api.contract.schemas.includes(name)) return name
  const close = nearest(name, api.contract.schemas)
  const fix = close === undefined ? undefined : `did you mean \`${close}\`?`
  throw unusable(policy, `${rule.pointer}/schema`, `object "${rule.name}": no such component schema`, fix)
}

function unusable(policy: Selecting, pointer: string, message: string, fix?: string): Unusable {
  return new Unusable([
    {
      rule: 'config.object-rule',
      severity: 'error',
      message,
      place: policy.loaded.place(pointer),
      ...(fix !== undefined && { fix }),
    },
  ])
}
