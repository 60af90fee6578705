import type { Command } from './command.ts'

export const auditCommand: Command = {
  name: 'audit',
  summary: 'judge an OpenAPI document: security at design time',
  help: `
Usage: sallyport audit OPENAPI … [options]
       sallyport audit --explain RULE

Judges an OpenAPI document (2.0, 3.0, 3.1; YAML or JSON) by more than 120 rules over the ten risks of the OWASP API
Security Top 10, and gives it a score of 0 to 100. Every finding has its place and the lines to write. Reads nothing
but the document, files below its folder and the files named here; reaches no network.
Exit code: 0 clean, 1 findings at --fail-on or a score below --min-score, 2 the document cannot be read.

      --format F           text (default), lines, json, sarif, junit or markdown; several documents: text, lines, markdown
      --out FILE           write the report there
      --all                text: every place of every rule
      --fail-on S          error (default), warning, note, none, or a level: critical, high, medium, low, info
      --min-score N        fail below this score
      --config FILE        a sallyport.yaml whose rules count as written
      --ignore FILE        entries \`{ rule, at, reason, until }\` (default .sallyport-audit.yaml beside the document)
      --baseline FILE      findings that are known and do not fail
      --write-baseline FILE  write the findings of today there
      --fix                write the changes that are safe into the document; formatting and comments stay
      --explain RULE       what a rule is about, with its fix and examples
`,
  options: {
    format: { type: 'string', default: 'text' },
    out: { type: 'string' },
    all: { type: 'boolean', default: false },
    'fail-on': { type: 'string', default: 'error' },
    'min-score': { type: 'string' },
    config: { type: 'string' },
    ignore: { type: 'string' },
    baseline: { type: 'string' },
    'write-baseline': { type: 'string' },
    fix: { type: 'boolean', default: false },
    explain: { type: 'string' },
  },
  async run(call) {
    const { auditOnce } = await import('./audit-once.ts')
    return auditOnce(call)
  },
}
