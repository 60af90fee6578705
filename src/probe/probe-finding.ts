import { createHash } from 'node:crypto'
import type { Finding, Place } from '../kernel/finding.ts'
import type { StepRelations } from './step-relations.ts'

/** How sure a finding is: proven by a difference that only the weakness explains, well supported, or worth a look. */
export type Confidence = 'certain' | 'firm' | 'tentative'

/** One request and its reply, secrets masked, so that it can be sent again. */
export interface Evidence {
  /** What this step is for: `alice reads her own`, `bob reads alice's`. */
  readonly step: string
  /** Name of the identity; undefined: no credential. */
  readonly identity: string | undefined
  readonly method: string
  readonly path: string
  /** Credentials as `${NAME}`. */
  readonly headers: readonly (readonly [string, string])[]
  readonly body: string | undefined
  readonly status: number
  /** The reply's beginning, secrets masked. */
  readonly reply: string
  /** Of the whole reply as it came. */
  readonly sha256: string
  readonly ms: number
  /** How the reply stood to the steps before, for `--verify`. */
  readonly relations?: StepRelations
}

/** A weakness of a running API. */
export interface ProbeFinding extends Finding {
  /** Stable for the same weakness at the same place: what `--verify` takes. */
  readonly id: string
  readonly operation: string
  readonly place: Place
  readonly confidence: Confidence
  readonly evidence: readonly Evidence[]
  /** The lines of `sallyport.yaml` that stop it. */
  readonly policy: string
}

/** `bola.read` at `GET /orders/{id}` → `SP-1f3a…`. */
export function findingId(rule: string, operation: string, detail: string): string {
  return `SP-${createHash('sha256').update(`${rule}\n${operation}\n${detail}`).digest('hex').slice(0, 10)}`
}
