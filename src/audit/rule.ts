import type { Spot } from './document/at.ts'
import type {
  AuditedDocument,
  AuditedFlow,
  AuditedMedia,
  AuditedOperation,
  AuditedParameter,
  AuditedResponse,
  AuditedSchema,
  AuditedScheme,
  AuditedServer,
} from './document/audited-document.ts'
import type { AuditedExample } from './document/read-examples.ts'
import type { AuditedProperty } from './document/read-properties.ts'
import type { Fix } from './fix.ts'
import type { Risk } from './risk.ts'

/** How bad a finding is. `critical` and `high` are errors, `medium` is a warning, `low` and `info` are notes. */
export type Level = 'critical' | 'high' | 'medium' | 'low' | 'info'

export const levels: readonly Level[] = ['critical', 'high', 'medium', 'low', 'info']

/** Something that a rule found. */
export interface Hit {
  /** One sentence; names of the contract, never its values. */
  readonly message: string
  /** Where, if not at the subject itself. */
  readonly at?: Spot
  /** If not the rule's own. */
  readonly level?: Level
  readonly fix?: Fix
}

export type Hits = Hit | readonly Hit[] | undefined

/** What a rule looks at, one at a time. */
export interface Subjects {
  readonly document: AuditedDocument
  readonly server: AuditedServer
  readonly scheme: AuditedScheme
  readonly flow: AuditedFlow
  readonly operation: AuditedOperation
  readonly parameter: AuditedParameter
  readonly response: AuditedResponse
  readonly media: AuditedMedia
  readonly schema: AuditedSchema
  readonly property: AuditedProperty
  readonly example: AuditedExample
}

export type SubjectKind = keyof Subjects

export interface RuleDefinition<Kind extends SubjectKind> {
  /** Stable, kebab-case, said without its risk. */
  readonly id: string
  readonly risk: Risk
  readonly level: Level
  readonly title: string
  /** Why it matters: one or two sentences. */
  readonly rationale: string
  /** What to write, with the lines. */
  readonly remedy: string
  /** Numbers of the Common Weakness Enumeration. */
  readonly cwe: readonly number[]
  readonly on: Kind
  /** Subjects the rule has a say about; all of them where it is left out. */
  when?(subject: Subjects[Kind], document: AuditedDocument): boolean
  check(subject: Subjects[Kind], document: AuditedDocument): Hits
  /** True where the text at the place may be a secret and is never shown. */
  readonly secret?: boolean
  /** A document with the finding, and one without. YAML; `openapi: 3.1.0` and `info` are put before it where absent. */
  readonly failing: string
  readonly passing: string
}

/** A rule of any kind. */
export type Rule = { readonly [Kind in SubjectKind]: RuleDefinition<Kind> }[SubjectKind]
