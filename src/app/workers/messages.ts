import type { MessagePort } from 'node:worker_threads'
import type { Arrival, Outcome } from '../../authority/create-authority.ts'
import type { ApiKey, ApiKeyChanges } from '../../kernel/api-key.ts'
import type { Hold } from '../../kernel/hold.ts'
import type { Sighting } from '../../kernel/inventory.ts'
import type { LedgerRow } from '../../kernel/ledger-store.ts'
import type { LimitLock } from '../../kernel/limit-lock.ts'
import type { QuotaSpec } from '../../kernel/limit-store.ts'
import type { RateDecision } from '../../kernel/ports.ts'
import type { Revocation } from '../../kernel/revocation.ts'
import type { IdentityKey } from '../../stages/forward/identity-key.ts'
import type { ListenAddress } from '../../stages/listen/create-listeners.ts'
import type { Block } from '../../stages/record/anomaly/block-list.ts'
import type { AnomalySubject } from '../../stages/record/anomaly/finding.ts'
import type { SharedMemory } from '../../stores/memory/shared-memory.ts'
import type { MetricJson } from './sum-metrics.ts'

/** What a worker is started with. */
export interface WorkerStart {
  /** The configuration file; each worker compiles its own gate from it. */
  readonly file: string
  /** Name of each file it depends on → digest of what is in force. */
  readonly digests: ReadonlyMap<string, string>
  readonly memory: SharedMemory
  /** Number of this thread, never used twice in a process; the main thread is 1. */
  readonly owner: number
  /** How many workers serve. */
  readonly workers: number
  readonly port: MessagePort
  readonly news: NewsPort
  readonly nonceSecret: Uint8Array
  readonly taintSalt: string
  readonly ledgerSecret: Uint8Array
  /** What signs what the gateway says. */
  readonly identityKeys: readonly IdentityKey[]
  readonly authority: AuthorityPlace | undefined
  readonly blocks: readonly Block[]
  readonly state: WorkerState
}

/** What of the durable store there is. */
export interface WorkerState {
  readonly kept: boolean
  /** True where other machines have the same database. */
  readonly everywhere: boolean
  /** True where objects that were given are kept. */
  readonly journal: boolean
}

/** Where the embedded authorization server can be reached. */
export interface AuthorityPlace {
  readonly issuer: string
  readonly mount: string
  readonly issuerName: string
  readonly socketPath: string
}

/** News that must be known before the next decision; see `News`. */
export interface NewsPort {
  readonly port: MessagePort
  /** One word: how many there were. */
  readonly count: SharedArrayBuffer
}

export type NewsItem =
  | { readonly revoked: Revocation }
  | { readonly block: Block }
  | { readonly unblock: AnomalySubject }

/** A key source of an issuer, as the readiness of the gateway asks for it. */
export interface IssuerHealth {
  readonly issuer: string
  readonly keys: number
}

/** What the main thread answers to its workers: what is durable has one writer. */
export interface MainAnswers {
  revocationsSince(change: number, limit: number): readonly Revocation[]
  keyChanges(after: number | undefined, limit: number): ApiKeyChanges
  findKey(id: string): ApiKey | undefined
  touchKeys(uses: ReadonlyMap<string, number>): void
  addLock(lock: Pick<LimitLock, 'key' | 'api' | 'limit' | 'until'>, now: number): LimitLock
  locksSince(change: number, limit: number): readonly LimitLock[]
  takeQuota(key: string, spec: QuotaSpec, cost: number, at: number): RateDecision
  chargeQuota(key: string, spec: QuotaSpec, cost: number, at: number): void
  loadLedger(holder: string, nowMinutes: number, limit: number): readonly LedgerRow[]
  saveLedger(rows: readonly LedgerRow[]): void
  /** Audit events, a JSON array; answered once there is room for more. */
  record(events: string): void
  /** What a worker has seen since it last told. */
  absorbInventory(sightings: readonly Sighting[]): void
  /** Callers who have to prove something anew. */
  liveHolds(now: number): readonly Hold[]
  authorityKeys(): unknown
  admitGuest(arrival: Arrival): string
  concludeGuest(ticket: string): Outcome | undefined
  /** The keys of its issuers, whenever they changed. */
  health(issuers: readonly IssuerHealth[]): void
  /** It will end because of a fault: another is to take its place. */
  failing(): void
}

/** What a worker answers. */
export interface WorkerAnswers {
  /** Opens its listeners; `ports` in the order of the configuration, 0 where the kernel chooses. Resolves when it serves. */
  open(ports: readonly number[]): Opened
  /** Compiles another policy and keeps it ready. Rejects with `Unusable`. */
  prepare(digests: ReadonlyMap<string, string>): readonly string[]
  /** Puts what was prepared in force, or drops it. */
  settle(inForce: boolean): void
  metrics(): readonly MetricJson[]
  /** Another machine wrote about a holder of objects, by digest; these it forgot. */
  ledgerChanged(holder: string, removed: readonly string[]): void
  /** Signs with other keys from now on. */
  identityKeys(keys: readonly IdentityKey[]): void
  /** Lets calls under way end, hands over what is to be recorded, and ends. */
  close(graceMs: number): void
}

export interface Opened {
  readonly addresses: readonly ListenAddress[]
  readonly notes: readonly string[]
  /** Notes of the compiled gate. */
  readonly findings: readonly string[]
}
