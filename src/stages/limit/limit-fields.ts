import type { RateDecision, RateSpec } from '../../kernel/ports.ts'

/** A policy name as an RFC 9651 String; undefined where it cannot be one. */
export function quotePolicy(name: string): string | undefined {
  return name !== '' && /^[\x20-\x7e]+$/.test(name) ? `"${name.replace(/["\\]/g, '\\$&')}"` : undefined
}

/**
 * The item of a policy in `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers-10): `q` calls in `w` seconds.
 * A window below a second is scaled to one.
 */
export function policyItem(quoted: string, spec: RateSpec): string {
  const seconds = Math.max(1, Math.ceil(spec.windowMs / 1000))
  const quota = Math.round((spec.rate * seconds * 1000) / spec.windowMs)
  return `${quoted};q=${quota};w=${seconds}`
}

/** Seconds until one more call than now may come. */
function secondsToNext(spec: RateSpec, decision: RateDecision): number {
  const interval = spec.windowMs / spec.rate
  const wait = decision.allowed
    ? Math.min(interval, decision.resetMs - (spec.burst - decision.remaining - 1) * interval)
    : decision.retryMs
  return secondsOf(wait, spec.windowMs)
}

/** Whole seconds, rounded up, at least 1; what never comes is `neverMs` away. */
export function secondsOf(milliseconds: number, neverMs: number): number {
  const bounded = Number.isFinite(milliseconds) ? milliseconds : neverMs
  return Math.max(1, Math.ceil(bounded / 1000))
}

/**
 * The item of a policy in `RateLimit`: `r` calls left now, and `t` seconds in which no more than those may come,
 * for a budget that refills evenly the time until the next call is earned.
 */
export function limitItem(quoted: string, spec: RateSpec, decision: RateDecision): string {
  return `${quoted};r=${decision.remaining};t=${secondsToNext(spec, decision)}`
}
