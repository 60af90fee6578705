import { paint } from '../../report/paint.ts'
import { printable } from '../../report/printable.ts'
import type { ProbeReport } from '../probe-report.ts'
import { ruleOf } from '../probe-rules.ts'
import { asCurl } from './as-curl.ts'

const colours = { error: 'red', warning: 'yellow', note: 'cyan' } as const

/** One block a finding, worst first, with its evidence and the line that stops it. */
export function renderProbeText(report: ProbeReport, colour: boolean): string {
  const lines: string[] = []
  for (const one of report.findings) {
    const rule = ruleOf(one.rule)
    lines.push(
      `${paint(one.severity, colours[one.severity], colour)} ${rule.risk} ${paint(printable(one.message), 'bold', colour)} ${paint(`[${one.rule}]`, 'dim', colour)} ${one.id}, ${one.confidence}`,
    )
    for (const step of one.evidence) {
      const reply = step.reply.replaceAll(/\s+/g, ' ').slice(0, 140)
      lines.push(
        `  ${printable(step.step)}: ${step.status === 0 ? 'no answer' : step.status} ${paint(printable(reply), 'dim', colour)}`,
      )
      lines.push(`    ${paint(printable(asCurl(report.target, step)), 'dim', colour)}`)
    }
    lines.push(`  ${paint('stops it:', 'green', colour)} ${printable(one.policy)}`, '')
  }
  return `${[...lines, ...closingLines(report)].join('\n')}\n`
}

/** What was done, what was not, and what is left. */
export function closingLines(report: ProbeReport): readonly string[] {
  const { findings, target, address, operations, answered, requests, seconds, throttled, made, left } = report
  const lines = [
    `${findings.length} findings at ${target} (${address}): ${operations} operations, ${answered} answered; ${requests} requests in ${seconds} s${throttled > 0 ? `, ${throttled} held up by limits` : ''}; ${report.write ? `${made} objects made` : 'nothing written'}; seed ${report.seed}`,
  ]
  if (report.stopped !== undefined) lines.push(`stopped early: ${stops[report.stopped]}`)
  const writing = report.untried.filter(({ reason }) => reason.includes('--write'))
  if (writing.length > 0)
    lines.push(`${writing.length} operations write and were not tried: --write tries them`)
  for (const { operation, reason } of report.untried)
    if (!reason.includes('--write')) lines.push(`not tried: ${printable(operation)} (${reason})`)
  for (const remark of report.remarks) lines.push(printable(remark))
  for (const { type, id, identity, undo, changed } of left)
    lines.push(
      printable(
        `left behind: ${changed ?? `${type} ${id}`}, by ${identity ?? 'nobody'}${undo === undefined ? ', nothing takes it away' : `; ${undo.method} ${undo.path}`}`,
      ),
    )
  if (report.journal !== undefined) lines.push(`what is left is in ${report.journal}`)
  return lines
}

const stops = {
  requests: 'the requests of its budget are used up (--requests)',
  seconds: 'the time of its budget is over (--seconds)',
  interrupted: 'it was interrupted',
  unreachable: 'the target stopped answering',
}
