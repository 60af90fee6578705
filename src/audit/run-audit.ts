import { type AuditFinding, fingerprintOf, severityOf } from './audit-finding.ts'
import type { AuditInput } from './audit-input.ts'
import type { AuditedDocument, Guarded } from './document/audited-document.ts'
import { readDocument } from './document/read-document.ts'
import { examplesOf } from './document/read-examples.ts'
import { propertiesOf } from './document/read-properties.ts'
import type { Hit, Hits, Rule, RuleDefinition, SubjectKind, Subjects } from './rule.ts'
import { auditRules } from './rules/all-rules.ts'

export interface AuditOptions {
  readonly rules?: readonly Rule[]
  readonly guarded?: Guarded
  /** Milliseconds after which no further rule is begun. */
  readonly budgetMs?: number
}

/** What a rule looked at. */
export interface Looked {
  readonly rule: Rule
  readonly subjects: number
  readonly failing: number
}

export interface AuditRun {
  readonly document: AuditedDocument
  /** By file, line, column, rule. */
  readonly findings: readonly AuditFinding[]
  readonly looked: readonly Looked[]
  /** Findings beyond what is kept of one rule. */
  readonly dropped: number
  /** Rules that were not run because the document took too long. */
  readonly skipped: readonly string[]
}

/** Findings that are kept of one rule. */
const maxFindings = 20_000

/** Judges a contract by every rule. Deterministic, reads no network; throws `Unusable` where there is no contract. */
export function runAudit(input: AuditInput, options: AuditOptions = {}): AuditRun {
  const started = performance.now()
  const document = readDocument(input.sources, options.guarded)
  const subjects = subjectsOf(document)
  const findings: AuditFinding[] = []
  const looked: Looked[] = []
  const skipped: string[] = []
  let dropped = 0
  for (const rule of options.rules ?? auditRules) {
    if (performance.now() - started > (options.budgetMs ?? 8_000)) {
      skipped.push(rule.id)
      continue
    }
    const ran = runRule(rule, subjects, document)
    looked.push({ rule, subjects: ran.subjects, failing: ran.failing })
    const seen = new Set<string>()
    for (const { hit, spot } of ran.hits) {
      const key = `${spot.source.uri}#${spot.pointer}`
      if (seen.has(key)) continue
      if (seen.size >= maxFindings) {
        dropped += 1
        continue
      }
      seen.add(key)
      findings.push(findingOf(rule, hit, spot, input))
    }
  }
  return { document, findings: sorted(findings), looked, dropped, skipped }
}

type Spot = NonNullable<Hit['at']>

function runRule(
  rule: Rule,
  subjects: SubjectLists,
  document: AuditedDocument,
): { subjects: number; failing: number; hits: { hit: Hit; spot: Spot }[] } {
  const hits: { hit: Hit; spot: Spot }[] = []
  let count = 0
  let failing = 0
  const judge = <Kind extends SubjectKind>(
    one: RuleDefinition<Kind>,
    list: readonly Subjects[Kind][],
    spotOf: (subject: Subjects[Kind]) => Spot,
  ): void => {
    for (const subject of list) {
      if (one.when !== undefined && !one.when(subject, document)) continue
      count += 1
      const found = listOf(one.check(subject, document))
      if (found.length > 0) failing += 1
      for (const hit of found) hits.push({ hit, spot: hit.at ?? spotOf(subject) })
    }
  }
  switch (rule.on) {
    case 'document':
      judge(rule, subjects.document, ({ root }) => root)
      break
    case 'property':
      judge(rule, subjects.property(), ({ spot }) => spot)
      break
    case 'example':
      judge(rule, subjects.example(), ({ spot }) => spot)
      break
    case 'operation':
      judge(rule, subjects.operation, (at) => at)
      break
    case 'parameter':
      judge(rule, subjects.parameter, (at) => at)
      break
    case 'response':
      judge(rule, subjects.response, (at) => at)
      break
    case 'media':
      judge(rule, subjects.media, (at) => at)
      break
    case 'schema':
      judge(rule, subjects.schema, (at) => at)
      break
    case 'scheme':
      judge(rule, subjects.scheme, (at) => at)
      break
    case 'flow':
      judge(rule, subjects.flow, (at) => at)
      break
    default:
      judge(rule, subjects.server, (at) => at)
  }
  return { subjects: count, failing, hits }
}

function listOf(hits: Hits): readonly Hit[] {
  if (hits === undefined) return []
  return Array.isArray(hits) ? hits : [hits as Hit]
}

type SubjectLists = ReturnType<typeof subjectsOf>

function subjectsOf(document: AuditedDocument): {
  document: readonly AuditedDocument[]
  server: AuditedDocument['servers']
  scheme: readonly Subjects['scheme'][]
  flow: readonly Subjects['flow'][]
  operation: AuditedDocument['operations']
  parameter: AuditedDocument['parameters']
  response: AuditedDocument['responses']
  media: AuditedDocument['media']
  schema: readonly Subjects['schema'][]
  property: () => readonly Subjects['property'][]
  example: () => readonly Subjects['example'][]
} {
  const schemes = [...document.schemes.values()]
  const schemas = [...document.schemas.values()]
  let properties: readonly Subjects['property'][] | undefined
  let examples: readonly Subjects['example'][] | undefined
  return {
    document: [document],
    server: document.servers,
    scheme: schemes,
    flow: schemes.flatMap(({ flows }) => flows),
    operation: document.operations,
    parameter: document.parameters,
    response: document.responses,
    media: document.media,
    schema: schemas,
    property: () => {
      properties ??= schemas.flatMap((schema) => propertiesOf(schema, document))
      return properties
    },
    example: () => {
      examples ??= examplesOf(document)
      return examples
    },
  }
}

function findingOf(rule: Rule, hit: Hit, spot: Spot, input: AuditInput): AuditFinding {
  const level = hit.level ?? rule.level
  const region = input.index(spot.source).region(spot.pointer)
  const finding = {
    rule: rule.id,
    severity: severityOf(level),
    message: hit.message,
    level,
    risk: rule.risk,
    place: { file: spot.source.file, pointer: spot.pointer, ...region },
    source: spot.source,
    fingerprint: fingerprintOf(rule.id, spot.source, spot.pointer),
    repair: hit.fix,
    secret: rule.secret === true,
  }
  return hit.fix === undefined ? finding : { ...finding, fix: hit.fix.text }
}

function sorted(findings: readonly AuditFinding[]): readonly AuditFinding[] {
  const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
  return [...findings].sort(
    (a, b) =>
      compare(a.place.file, b.place.file) ||
      (a.place.line ?? 0) - (b.place.line ?? 0) ||
      (a.place.column ?? 0) - (b.place.column ?? 0) ||
      compare(a.rule, b.rule) ||
      compare(a.place.pointer, b.place.pointer),
  )
}
