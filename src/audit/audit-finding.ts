import { createHash } from 'node:crypto'
import type { Source } from '../contract/document/read-source.ts'
import type { Finding, Place } from '../kernel/finding.ts'
import type { Fix } from './fix.ts'
import type { Risk } from './risk.ts'
import type { Level } from './rule.ts'

/** A finding of the audit. */
export interface AuditFinding extends Finding {
  readonly level: Level
  readonly risk: Risk
  readonly place: Place & { readonly pointer: string }
  readonly source: Source
  /** The same for the same rule at the same place, whatever moves around it. */
  readonly fingerprint: string
  readonly repair: Fix | undefined
  /** The text at the place may be a secret. */
  readonly secret: boolean
}

/** Independent of lines and of where the contract lies. */
export function fingerprintOf(rule: string, source: Source, pointer: string): string {
  return createHash('sha256').update(`${rule}\n${source.uri}\n${pointer}`).digest('hex').slice(0, 32)
}

export function severityOf(level: Level): Finding['severity'] {
  if (level === 'critical' || level === 'high') return 'error'
  return level === 'medium' ? 'warning' : 'note'
}
