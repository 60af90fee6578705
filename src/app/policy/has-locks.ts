import type { Policy } from './policy.ts'

/** True where a limit locks keys: then locks of before, and of other processes, count. */
export function hasLocks(policy: Policy): boolean {
  return policy.apis.some((api) => api.config.limits.some((rule) => rule.lock !== undefined))
}
