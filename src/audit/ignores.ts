import { isObject, own } from '../contract/schema.ts'
import type { Finding } from '../kernel/finding.ts'
import type { AuditFinding } from './audit-finding.ts'
import { below, type Spot } from './document/at.ts'
import type { AuditedDocument } from './document/audited-document.ts'
import { auditRules } from './rules/all-rules.ts'

/** A finding that somebody answers for, until a day. */
export interface Ignore {
  readonly rule: string
  /** Pointer; everything below it where it ends in `/**`. */
  readonly pointer: string
  readonly reason: string
  /** `2027-06-30`: the last day. */
  readonly until: string
  /** Where it is written. */
  readonly place: NonNullable<Finding['place']>
}

const rules: ReadonlySet<string> = new Set(auditRules.map(({ id }) => id))

/** Reads one entry; a sentence that says what is wrong with it otherwise. */
export function parseIgnore(
  entry: unknown,
  place: NonNullable<Finding['place']>,
  pointer?: string,
): Ignore | string {
  if (!isObject(entry)) return 'an entry is an object with `rule`, `reason` and `until`'
  const known = pointer === undefined ? ['rule', 'at', 'reason', 'until'] : ['rule', 'reason', 'until']
  const unknown = Object.keys(entry).find((key) => !known.includes(key))
  if (unknown !== undefined)
    return `an entry has ${known.map((key) => `\`${key}\``).join(', ')} and nothing else`
  const rule = own(entry, 'rule')
  const at = pointer ?? own(entry, 'at')
  const reason = own(entry, 'reason')
  const until = dayOf(own(entry, 'until'))
  if (typeof rule !== 'string' || !rules.has(rule)) return '`rule` is not the id of a rule'
  if (typeof at !== 'string' || (at !== '' && !at.startsWith('/')))
    return '`at` is a JSON pointer such as `/paths/~1login`'
  if (typeof reason !== 'string' || reason.trim().length < 3) return '`reason` says why it is left as it is'
  if (until === undefined) return '`until` is a day such as 2027-06-30'
  return { rule, pointer: at, reason, until, place }
}

function dayOf(value: unknown): string | undefined {
  const text = value instanceof Date ? value.toISOString().slice(0, 10) : value
  return typeof text === 'string' && /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text))
    ? text
    : undefined
}

/** Entries of `x-sallyport-ignore`, wherever they stand in the document's own file; each holds for what is below it. */
export function writtenIgnores(document: AuditedDocument): {
  readonly ignores: readonly Ignore[]
  readonly findings: readonly Finding[]
} {
  const ignores: Ignore[] = []
  const findings: Finding[] = []
  const seen = new Set<object>()
  const visit = (value: unknown, spot: Spot): void => {
    if (typeof value !== 'object' || value === null || seen.has(value)) return
    seen.add(value)
    if (Array.isArray(value)) {
      for (let i = 0; i < value.length; i++) if (typeof value[i] === 'object') visit(value[i], below(spot, i))
      return
    }
    if (!isObject(value)) return
    for (const key of Object.keys(value)) {
      const child = value[key]
      if (key !== 'x-sallyport-ignore') {
        if (typeof child === 'object' && child !== null) visit(child, below(spot, key))
        continue
      }
      const list = Array.isArray(child) ? child : [child]
      list.forEach((entry: unknown) => {
        const place = spot.source.place(below(spot, key).pointer)
        const ignore = parseIgnore(entry, place, `${spot.pointer}/**`)
        if (typeof ignore === 'string')
          findings.push({ rule: 'ignore-invalid', severity: 'error', message: ignore, place })
        else ignores.push(ignore)
      })
    }
  }
  visit(document.root.node, document.root)
  return { ignores, findings }
}

export interface Sifted {
  readonly kept: readonly AuditFinding[]
  readonly ignored: readonly { readonly finding: AuditFinding; readonly ignore: Ignore }[]
  /** Entries that are over, or that no finding needs. */
  readonly remarks: readonly Finding[]
}

/** Takes out what is ignored. `today` is a day; an entry holds through its last. */
export function sift(findings: readonly AuditFinding[], ignores: readonly Ignore[], today: string): Sifted {
  const valid = ignores.filter(({ until }) => until >= today)
  const used = new Set<Ignore>()
  const kept: AuditFinding[] = []
  const ignored: { finding: AuditFinding; ignore: Ignore }[] = []
  for (const finding of findings) {
    const ignore = valid.find(
      (one) => one.rule === finding.rule && covers(one.pointer, finding.place.pointer),
    )
    if (ignore === undefined) kept.push(finding)
    else {
      used.add(ignore)
      ignored.push({ finding, ignore })
    }
  }
  const remarks = ignores.flatMap((one): Finding[] => {
    if (used.has(one)) return []
    const over = one.until < today
    return [
      {
        rule: over ? 'ignore-expired' : 'ignore-unused',
        severity: over ? 'warning' : 'note',
        message: over
          ? `an entry for \`${one.rule}\` ended on ${one.until}`
          : `no finding of \`${one.rule}\` is left there`,
        place: one.place,
        fix: over ? 'mend what it was for, or give it a new day and reason' : 'remove the entry',
      },
    ]
  })
  return { kept, ignored, remarks }
}

function covers(pattern: string, pointer: string): boolean {
  if (!pattern.endsWith('/**')) return pattern === pointer
  const prefix = pattern.slice(0, -3)
  return pointer === prefix || pointer.startsWith(`${prefix}/`)
}
