import type { AuditEvent } from './event.ts'

/** A GCRA budget: `rate` per `windowMs`, of which `burst` may come at once. */
export interface RateSpec {
  readonly rate: number
  readonly windowMs: number
  readonly burst: number
}

export interface RateDecision {
  readonly allowed: boolean
  /** Whole calls left now. */
  readonly remaining: number
  /** Milliseconds until the budget is whole again. */
  readonly resetMs: number
  /** Milliseconds until one call of this cost may pass; 0 when allowed. */
  readonly retryMs: number
}

/** Counters shared by all calls. In memory the answers are immediate; a remote store answers later. */
export interface RateStore {
  /**
   * Takes `cost` from the budget of `key` if there is enough, all or nothing. `now` is monotonic ms. Cost 0 asks
   * without taking; a negative cost gives back what an earlier call took, never beyond the whole budget.
   */
  take(key: string, spec: RateSpec, cost: number, now: number): RateDecision | Promise<RateDecision>
  /**
   * Takes `cost` whether or not there is enough, for what is known only afterwards. The debt ends one whole budget below
   * nothing: whatever was charged, everything is whole again after twice the time that an empty budget takes.
   */
  charge(key: string, spec: RateSpec, cost: number, now: number): void | Promise<void>
  /** Milliseconds for which `key` is still locked; 0 when it is not. */
  locked(key: string, now: number): number | Promise<number>
  lock(key: string, durationMs: number, now: number): void | Promise<void>
  unlock(key: string): void | Promise<void>
}

/** Filter of stored events; all given members must hold. */
export interface EventFilter {
  readonly since?: number
  readonly until?: number
  readonly api?: string
  readonly operation?: string
  readonly sub?: string
  readonly issuer?: string
  readonly address?: string
  readonly code?: string
  readonly status?: number
  readonly id?: string
  /** `denied`: only refused calls; `allowed`: only those that were not. */
  readonly outcome?: 'denied' | 'allowed'
  /** Refused with a code of this stage, lower-case. */
  readonly stage?: string
  /** How the operation id begins; not empty. */
  readonly operationPrefix?: string
  readonly method?: string
  /** Text within id, API, operation, caller, client, address, code, method, path or reason; ASCII case does not count. Not empty. */
  readonly q?: string
}

export interface EventPage {
  /** Newest first. */
  readonly events: readonly AuditEvent[]
  /** Pass as `before` to get the next page; undefined at the end. */
  readonly next: string | undefined
}

/** Durable place of audit events. */
export interface EventStore {
  /**
   * Stores all of them or, when it rejects, none; after a lost answer a retry may store them twice.
   * `lines` are the same events as JSON, one each, where the caller has them already.
   */
  append(events: readonly AuditEvent[], lines?: readonly string[]): Promise<void>
  /** `withinMs`: about so long it looks; the page may then be short or empty, and `next` says from where to go on. */
  query(filter: EventFilter, limit: number, before?: string, withinMs?: number): Promise<EventPage>
  /** Lines as they were stored, oldest first, as far as `filter` passes them; for export and verification. */
  lines(filter: EventFilter): AsyncIterable<string>
  /**
   * Replaces every line of one subject by what `erase` makes of it, and forgets the subject everywhere else; returns how
   * many there were. `erase` returns undefined for a line that stays.
   */
  erase(
    subject: { readonly issuer: string; readonly sub: string },
    erase: (line: string) => string | undefined,
  ): Promise<number>
  close(): Promise<void>
}
