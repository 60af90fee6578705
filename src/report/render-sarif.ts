import { createHash } from 'node:crypto'
import type { Finding } from '../kernel/finding.ts'
import { displayPath } from './display-path.ts'
import type { ReportOptions, RuleDescription } from './report-options.ts'

/** SARIF 2.1.0 (OASIS), one run. The fingerprint of a finding does not depend on line numbers. */
export function renderSarif(findings: readonly Finding[], options: ReportOptions): string {
  const ids = [...new Set(findings.map((finding) => finding.rule))].sort()
  const seen = new Map<string, number>()
  const results = findings.map((finding) => {
    const { rule, severity, message, place, fix } = finding
    const uri = place === undefined ? undefined : uriOf(place.file, options.base)
    const identity = [rule, uri ?? '', place?.pointer ?? '', message].join('\n')
    const nth = seen.get(identity) ?? 0
    seen.set(identity, nth + 1)
    return {
      ruleId: rule,
      ruleIndex: ids.indexOf(rule),
      level: severity,
      message: { text: fix === undefined ? message : `${message} Fix: ${fix}` },
      ...(place === undefined ? {} : { locations: [location(place, uri ?? '')] }),
      partialFingerprints: {
        'sallyport/v1':
          options.fingerprint?.(finding) ?? createHash('sha256').update(`${identity}\n${nth}`).digest('hex'),
      },
    }
  })
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'Sallyport',
            ...(options.version === undefined ? {} : { semanticVersion: options.version }),
            rules: ids.map((id) => ruleOf(id, options.rules?.get(id))),
          },
        },
        columnKind: 'utf16CodeUnits',
        results,
      },
    ],
  }
  return `${JSON.stringify(log, null, 2)}\n`
}

function ruleOf(id: string, rule: RuleDescription | undefined): object {
  if (rule === undefined) return { id, shortDescription: { text: describe(id) } }
  return {
    id,
    shortDescription: { text: rule.title },
    fullDescription: { text: rule.text },
    help: { text: rule.help },
    helpUri: rule.helpUri,
    properties: { tags: rule.tags, 'security-severity': rule.grade },
  }
}

function location(place: NonNullable<Finding['place']>, uri: string): object {
  const region =
    place.line === undefined
      ? {}
      : {
          region: {
            startLine: place.line,
            startColumn: place.column ?? 1,
            ...(place.endLine === undefined ? {} : { endLine: place.endLine }),
            ...(place.endColumn === undefined ? {} : { endColumn: place.endColumn }),
          },
        }
  const logical =
    place.pointer === undefined ? {} : { logicalLocations: [{ fullyQualifiedName: place.pointer || '/' }] }
  return { physicalLocation: { artifactLocation: { uri }, ...region }, ...logical }
}

/** Relative below the base, else a file URL: SARIF §3.4.3. */
function uriOf(file: string, base: string | undefined): string {
  const path = displayPath(file, base)
  const encoded = path.split('/').map(encodeURIComponent).join('/')
  return path.startsWith('/') ? `file://${encoded}` : encoded
}

function describe(id: string): string {
  const words = id.slice(id.indexOf('.') + 1).replaceAll('-', ' ')
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`
}
