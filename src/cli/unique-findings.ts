import type { Finding } from '../kernel/finding.ts'

/** Each once: what two parts have found at the same place by the same rule is told by the first. */
export function uniqueFindings(findings: readonly Finding[]): readonly Finding[] {
  const seen = new Set<string>()
  return findings.filter(({ rule, place, message }) => {
    const where = place?.line === undefined ? message : `${place.file}:${place.line}:${place.column}`
    const key = `${rule}\n${where}`
    return seen.has(key) ? false : seen.add(key) !== undefined
  })
}
