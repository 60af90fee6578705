import type { PromotionReply } from '../admin/contract.ts'
import type { ReplayReport } from '../app/replay/replay.ts'
import { type AuditEvent, nobody } from '../kernel/event.ts'
import { paint } from '../report/paint.ts'
import { printable } from '../report/printable.ts'
import { renderTable } from '../report/render-table.ts'
import { type Command, textOf } from './command.ts'
import { loadPolicy, readConfig } from './load-policy.ts'
import { Misuse } from './misuse.ts'
import { withProgress } from './progress.ts'
import { timeOf } from './time-of.ts'

export const replayCommand: Command = {
  name: 'replay',
  summary:
    'what a changed policy would have decided on recorded calls; what can be enforced that is only watched',
  help: `
Usage: sallyport replay --config NEW [--against OLD] [--since 24h] [options]
       sallyport replay --promotion [--config FILE] [--since 7d]

Judges the calls of the durable store by the policy of NEW and says, by operation and caller, what it would decide
otherwise. Events hold method, path, caller with scopes and roles, address and time, and no query, header, body or
reply: calls whose verdict hangs on those are counted as unknown, with the reason. Limits are counted from empty.

--promotion tells of each check that only watches what it would have refused, and whether it can be enforced.
Exit code: 0, or 1 where \`--fail-on-refused\` is written and a call that passed would be refused; 2 cannot read.

      --against OLD       compare with this policy instead of with what happened
      --store FILE        configuration whose store holds the events (default: NEW)
      --since D           a duration such as 24h, or a time such as 2026-11-24T10:00:00Z (default 24h)
      --until D           likewise
      --promotion         advice on what is only watched
      --fail-on-refused   exit code 1 for new refusals
      --config FILE       the changed configuration (default sallyport.yaml)
      --format F          text (default) or json
`,
  options: {
    against: { type: 'string' },
    store: { type: 'string' },
    since: { type: 'string', default: '24h' },
    until: { type: 'string' },
    promotion: { type: 'boolean', default: false },
    'fail-on-refused': { type: 'boolean', default: false },
    config: { type: 'string', default: 'sallyport.yaml' },
    format: { type: 'string', default: 'text' },
  },
  async run({ values, positionals, terminal }) {
    if (positionals.length > 0) throw new Misuse('replay: the configuration is written with --config')
    const format = textOf(values, 'format')
    if (format !== 'text' && format !== 'json') throw new Misuse('replay: --format takes text, json')
    const file = textOf(values, 'config') ?? ''
    const { openAuditLog } = await import('../app/observe/audit-log.ts')
    const { config } = await readConfig(textOf(values, 'store') ?? file)
    const log = await openAuditLog(config)
    if (log === undefined)
      throw new Misuse(
        'replay: the configuration keeps no events; write `store: { durable: "sqlite:sallyport.db" }`',
      )
    const since = timeOf(values, 'since', 'replay')
    const until = timeOf(values, 'until', 'replay')
    const events = (): AsyncIterable<AuditEvent> =>
      eventsOf(log.lines({ ...(since !== undefined && { since }), ...(until !== undefined && { until }) }))
    try {
      if (values['promotion'] === true) {
        const { promotionAdvice } = await import('../app/replay/promotion.ts')
        const advice = await withProgress(terminal, 'reading events', () => promotionAdvice(events()))
        terminal.out(format === 'json' ? `${JSON.stringify(advice, null, 2)}\n` : renderPromotion(advice))
        return 0
      }
      const report = await judgeAll(file, textOf(values, 'against'), events, terminal)
      terminal.out(
        format === 'json' ? `${JSON.stringify(report, null, 2)}\n` : renderReport(report, terminal.colourOut),
      )
      return values['fail-on-refused'] === true && report.changed.some(({ before }) => before === 'pass')
        ? 1
        : 0
    } finally {
      await log.close()
    }
  },
}

async function judgeAll(
  file: string,
  against: string | undefined,
  events: () => AsyncIterable<AuditEvent>,
  terminal: Parameters<typeof loadPolicy>[1],
): Promise<ReplayReport> {
  const { createRecordedJudge } = await import('../app/replay/judge-recorded.ts')
  const { replay } = await import('../app/replay/replay.ts')
  const after = await createRecordedJudge(await loadPolicy(file, terminal))
  const before =
    against === undefined ? undefined : await createRecordedJudge(await loadPolicy(against, terminal))
  try {
    return await withProgress(terminal, 'judging recorded calls', () => replay(events(), after, before))
  } finally {
    await after.close()
    await before?.close()
  }
}

async function* eventsOf(lines: AsyncIterable<string>): AsyncGenerator<AuditEvent> {
  for await (const line of lines) yield { ...nobody, ...(JSON.parse(line) as AuditEvent) }
}

function renderReport({ calls, same, changed, unlisted, unknown }: ReplayReport, colour: boolean): string {
  const refused = changed.filter(({ before }) => before === 'pass')
  const told = unknown.reduce((sum, { count }) => sum + count, 0)
  const sum = (rows: typeof changed): number => rows.reduce((all, { count }) => all + count, 0)
  const head = `${calls} calls: ${same} decided as before, ${sum(changed) + unlisted} otherwise, ${told} cannot be told\n`
  const rows = changed.map((row) => [
    row.operation,
    row.caller === '' ? '(nobody)' : row.caller,
    row.before,
    row.after,
    row.check ?? '',
    String(row.count),
    row.example,
  ])
  const table =
    rows.length === 0
      ? ''
      : `\n${renderTable(['operation', 'caller', 'was', 'would be', 'by', 'calls', 'example'], rows)}`
  const reasons = unknown.map(({ why, count }) => `  ${count} need ${why}\n`).join('')
  const verdict =
    refused.length === 0
      ? paint('no call that passed would be refused', 'green', colour)
      : paint(`${sum(refused)} calls that passed would be refused`, 'red', colour)
  return `${head}${table}${reasons === '' ? '' : `\ncannot be told:\n${reasons}`}\n${verdict}\n`
}

function renderPromotion(advice: readonly PromotionReply[]): string {
  if (advice.length === 0) return 'no check watches without enforcing, or none was asked yet\n'
  return advice
    .map(({ api, check, advice: word, because, operations }) => {
      const most = operations.map(
        ({ operation, count, example }) => `    ${count} × ${printable(operation)}, such as ${example}\n`,
      )
      return `${word === 'enforce' ? 'enforce' : 'watch  '}  ${printable(api)}  ${check}: ${because}\n${most.join('')}`
    })
    .join('')
}
