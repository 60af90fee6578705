import { createPublicKey, type KeyObject } from 'node:crypto'
import { accessSync, constants, readFileSync } from 'node:fs'
import type { AuditLog, ChainReport } from '../app/observe/audit-log.ts'
import { type AuditEvent, nobody } from '../kernel/event.ts'
import type { EventFilter } from '../kernel/ports.ts'
import { paint } from '../report/paint.ts'
import { type Call, type Command, textOf } from './command.ts'
import { readConfig } from './load-policy.ts'
import { Misuse } from './misuse.ts'
import { withProgress } from './progress.ts'
import { timeOf } from './time-of.ts'
import { version } from './version.ts'

export const logCommand: Command = {
  name: 'log',
  summary: 'the audit log: verify, export, erase a subject, show the key that verifies it',
  help: `
Usage: sallyport log verify [--file events.jsonl] [--key log.pem] [--format text|json]
       sallyport log export [--format ocsf|jsonl|csv] [--since 24h] [--until TIME] [filters]
       sallyport log erase --issuer NAME --subject S
       sallyport log key

verify proves that every record is as it was written, that none is missing, and that the gateway's key signed them; it
names the first bad record. Exit code: 0 whole, 1 not, 2 cannot read.
export writes events to standard output, oldest first. erase takes out of stored events who the subject was and what it
touched; the log stays whole. key prints what verifies signatures, for whoever keeps copies.

      --file FILE      verify JSON lines of a file instead of the durable store
      --key FILE       public key, PEM, where this machine is not the gateway's
      --since D        a duration such as 24h, or a time such as 2026-11-24T10:00:00Z
      --until D        likewise
      --api NAME       only this API; likewise --operation, --subject, --issuer, --address, --code
      --denied         only refused calls
      --format F       verify: text (default), json; export: jsonl (default), ocsf, csv
      --config FILE    configuration (default sallyport.yaml)
`,
  options: {
    file: { type: 'string' },
    key: { type: 'string' },
    since: { type: 'string' },
    until: { type: 'string' },
    api: { type: 'string' },
    operation: { type: 'string' },
    subject: { type: 'string' },
    issuer: { type: 'string' },
    address: { type: 'string' },
    code: { type: 'string' },
    denied: { type: 'boolean', default: false },
    format: { type: 'string' },
    config: { type: 'string', default: 'sallyport.yaml' },
  },
  async run(call) {
    const [action = '', ...more] = call.positionals
    const run = actions.get(action)
    if (run === undefined || more.length > 0)
      throw new Misuse(`log: write one of ${[...actions.keys()].join(', ')}`)
    const { openAuditLog } = await import('../app/observe/audit-log.ts')
    const { config } = await readConfig(textOf(call.values, 'config') ?? '')
    const log = await openAuditLog(config)
    if (log === undefined)
      throw new Misuse(
        'log: the configuration keeps no events; write `store: { durable: "sqlite:sallyport.db" }`',
      )
    try {
      return await run(call, log)
    } finally {
      await log.close()
    }
  },
}

type Action = (call: Call, log: AuditLog) => Promise<number>

const actions: ReadonlyMap<string, Action> = new Map<string, Action>([
  ['verify', verify],
  ['export', exportEvents],
  ['erase', erase],
  [
    'key',
    async ({ terminal }, log) => {
      terminal.out(log.publicKey())
      return 0
    },
  ],
])

async function verify({ values, terminal }: Call, log: AuditLog): Promise<number> {
  const format = textOf(values, 'format') ?? 'text'
  if (format !== 'text' && format !== 'json') throw new Misuse('log verify: --format takes text, json')
  const file = textOf(values, 'file')
  if (file !== undefined) assertReadable(file)
  const report = await withProgress(terminal, 'verifying', () => log.verify(file, keyOf(values)))
  if (format === 'json') terminal.out(`${JSON.stringify(report, null, 2)}\n`)
  else terminal.out(renderReport(report, terminal.colourOut))
  return report.bad === undefined ? 0 : 1
}

function renderReport({ lines, runs, bad }: ChainReport, colour: boolean): string {
  const text = runs.map((run) => {
    const begins = run.first === 0 ? '' : `, begins at ${run.first}: what came before is not kept`
    const erased = run.erased === 0 ? '' : `, ${run.erased} erased`
    const open = run.unsigned === 0 ? '' : `, ${run.unsigned} after the last signature`
    const time = `${new Date(run.from).toISOString()} to ${new Date(run.to).toISOString()}`
    return `run ${run.log}: events ${run.first} to ${run.last}, ${time}, ${run.signatures} signatures${begins}${erased}${open}\n`
  })
  const verdict =
    bad === undefined
      ? paint(`whole: ${lines} records`, 'green', colour)
      : paint(`NOT WHOLE: record ${bad.line}: ${bad.message}`, 'red', colour)
  return `${text.join('')}${verdict}\n`
}

async function exportEvents({ values, terminal }: Call, log: AuditLog): Promise<number> {
  const format = textOf(values, 'format') ?? 'jsonl'
  if (format !== 'jsonl' && format !== 'ocsf' && format !== 'csv')
    throw new Misuse('log export: --format takes jsonl, ocsf, csv')
  const { csvHeader, csvLineOf, ocsfEventOf } = await import('../app/observe/audit-log.ts')
  if (format === 'csv') terminal.out(`${csvHeader}\n`)
  for await (const line of log.lines(filterOf(values))) {
    const event = (): AuditEvent => ({ ...nobody, ...(JSON.parse(line) as AuditEvent) })
    if (format === 'jsonl') terminal.out(`${line}\n`)
    else if (format === 'csv') terminal.out(`${csvLineOf(event())}\n`)
    else terminal.out(`${JSON.stringify(ocsfEventOf(event(), version()))}\n`)
  }
  return 0
}

async function erase({ values, terminal }: Call, log: AuditLog): Promise<number> {
  const issuer = textOf(values, 'issuer')
  const sub = textOf(values, 'subject')
  if (issuer === undefined || sub === undefined || sub === '')
    throw new Misuse('log erase: write --issuer NAME and --subject S')
  const count = await withProgress(terminal, 'erasing', () => log.erase(issuer, sub))
  terminal.out(`erased who it was from ${count} events; the log stays whole\n`)
  return 0
}

function filterOf(values: Call['values']): EventFilter {
  const since = timeOf(values, 'since', 'log export')
  const until = timeOf(values, 'until', 'log export')
  const named = {
    api: textOf(values, 'api'),
    operation: textOf(values, 'operation'),
    sub: textOf(values, 'subject'),
    issuer: textOf(values, 'issuer'),
    address: textOf(values, 'address'),
    code: textOf(values, 'code'),
  }
  const given = Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined))
  return {
    ...given,
    ...(since !== undefined && { since }),
    ...(until !== undefined && { until }),
    ...(values['denied'] === true && { outcome: 'denied' as const }),
  }
}

function keyOf(values: Call['values']): KeyObject | undefined {
  const file = textOf(values, 'key')
  if (file === undefined) return undefined
  try {
    return createPublicKey(readFileSync(file))
  } catch {
    throw new Misuse('log verify: --key is no public key in PEM')
  }
}

function assertReadable(file: string): void {
  try {
    accessSync(file, constants.R_OK)
  } catch {
    throw new Misuse('log verify: the file cannot be read')
  }
}
