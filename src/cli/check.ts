import { type Finding, type Severity, Unusable } from '../kernel/finding.ts'
import { renderFindings } from '../report/render-findings.ts'
import { summarize } from '../report/render-text.ts'
import { reportFormats } from '../report/report-options.ts'
import { type Command, textOf } from './command.ts'
import { loadPolicy } from './load-policy.ts'
import { Misuse } from './misuse.ts'
import { uniqueFindings } from './unique-findings.ts'
import { version } from './version.ts'

const levels: ReadonlyMap<string, readonly Severity[]> = new Map([
  ['error', ['error']],
  ['warning', ['error', 'warning']],
  ['note', ['error', 'warning', 'note']],
])
/** Rules that say that a file could not even be read. */
const unreadable: ReadonlySet<string> = new Set(['config.unreadable', 'config.syntax'])

export const checkCommand: Command = {
  name: 'check',
  summary: 'validate configuration and contracts, list every open door',
  help: `
Usage: sallyport check [options]

Validates sallyport.yaml and its contracts, and lists every door that is left open.
Exit code: 0 clean, 1 findings at --fail-on, 2 a file cannot be read.

      --config FILE    configuration (default sallyport.yaml)
      --format F       text (default), json, sarif or junit
      --fail-on S      error (default), warning or note
`,
  options: {
    config: { type: 'string', default: 'sallyport.yaml' },
    format: { type: 'string', default: 'text' },
    'fail-on': { type: 'string', default: 'error' },
  },
  async run({ values, terminal }) {
    const format = reportFormats.find((candidate) => candidate === textOf(values, 'format'))
    if (format === undefined) throw new Misuse(`check: --format takes ${reportFormats.join(', ')}`)
    const failing = levels.get(textOf(values, 'fail-on') ?? '')
    if (failing === undefined) throw new Misuse(`check: --fail-on takes ${[...levels.keys()].join(', ')}`)
    const { findings, broken } = await findingsOf(async () => {
      const policy = await loadPolicy(textOf(values, 'config') ?? '', terminal)
      const { driftOf } = await import('../app/policy/mcp-servers.ts')
      return { findings: [...policy.findings, ...driftOf(policy)] }
    })
    const toError = format === 'text' && broken
    const colour = toError ? terminal.colourErr : terminal.colourOut
    const text = renderFindings(findings, format, { colour, version: version() })
    if (toError) terminal.err(text)
    else terminal.out(text)
    if (format === 'text') terminal.err(`sallyport: ${summarize(findings) || 'nothing to report'}\n`)
    if (findings.some((finding) => unreadable.has(finding.rule))) return 2
    return findings.some((finding) => failing.includes(finding.severity)) ? 1 : 0
  },
}

async function findingsOf(
  load: () => Promise<{ readonly findings: readonly Finding[] }>,
): Promise<{ findings: readonly Finding[]; broken: boolean }> {
  try {
    return { findings: uniqueFindings((await load()).findings), broken: false }
  } catch (error) {
    if (!(error instanceof Unusable)) throw error
    return { findings: uniqueFindings(error.findings), broken: true }
  }
}
