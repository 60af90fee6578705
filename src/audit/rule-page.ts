import { riskNames, risks } from './risk.ts'
import type { Rule } from './rule.ts'
import { auditRules } from './rules/all-rules.ts'

/** One rule, as Markdown. */
export function documentRule(rule: Rule): string {
  return `${[
    `### ${rule.id}`,
    `**${rule.title}.** ${rule.level}; [${rule.risk}:2023](${risks[rule.risk].link}); ${rule.cwe
      .map((id) => `[CWE-${id}](https://cwe.mitre.org/data/definitions/${id}.html)`)
      .join(', ')}`,
    rule.rationale,
    `Fix: ${rule.remedy}`,
    'Found in',
    fenced(rule.failing),
    'Accepted',
    fenced(rule.passing),
  ].join('\n\n')}\n`
}

const ignoring = `# .sallyport-audit.yaml
ignore:
  - { rule: string-unrestricted, at: /components/schemas/Note/properties/text, reason: free text, until: 2027-06-30 }
  - { rule: object-without-rule, at: "/paths/~1public/**", reason: everybody's, until: 2027-06-30 }

# in the contract
x-sallyport-ignore: [{ rule: xml-body, reason: partners send XML until they move, until: 2027-03-31 }]`

/** docs/audit-rules.md. */
export function documentRules(): string {
  const rows = riskNames.flatMap((risk) =>
    auditRules
      .filter((rule) => rule.risk === risk)
      .map(({ id, level, title }) => `| ${risk} | [\`${id}\`](#${id}) | ${level} | ${title} |`),
  )
  const parts = riskNames.flatMap((risk) => [
    `## ${risk}: ${risks[risk].title}\n`,
    ...auditRules.filter((rule) => rule.risk === risk).map(documentRule),
  ])
  return `${[
    '# Rules of `sallyport audit`',
    `${auditRules.length} rules over the ten risks of the OWASP API Security Top 10 (2023). Critical and high are errors, medium is a warning, low and info are notes. Examples begin with \`openapi: 3.1.0\` and \`info\` where they do not say otherwise; each is run by the tests. This page is generated from the rules.`,
    'What is left as it is has a reason and a last day: in `.sallyport-audit.yaml` beside the document, or as `x-sallyport-ignore` at any object of it, for that object and all below.',
    fenced(ignoring),
    ['| risk | rule | level | |', '|---|---|---|---|', ...rows].join('\n'),
    parts.join('\n'),
  ].join('\n\n')}`
}

function fenced(text: string): string {
  return `\`\`\`yaml\n${text}\n\`\`\``
}
