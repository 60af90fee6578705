import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { compileInjection, type Threshold } from '../src/stages/inspect/injection/engine.ts'
import { loadRows, type Row, readRows, standingOf } from './injection/cases.ts'
import { judgeRow } from './injection/in-process.ts'
import { hasModsecurity, startModsecurity } from './injection/peers.ts'
import { startEcho, startPermissiveGateway, type Target } from './injection/permissive.ts'
import { printWrong } from './injection/print-wrong.ts'
import { printReport } from './injection/report.ts'
import type { Decision } from './injection/score.ts'
import { send } from './injection/send.ts'
import { compareTravelPost } from './injection/travel-cost.ts'
import { wiresOf } from './injection/wire.ts'

const usage = `npm run bench:injection -- [--cases FILE]… [--threshold strict|balanced|lenient] [--peers] [--in-process] [--json]

Sends attack and benign cases (JSON lines; format in the README of the case folder) as real requests through a gateway
on a contract that allows any text, and prints recall by class, false positives by set, precision and latency.

  --cases       a file of cases; may be repeated. By default the folder named by SALLYPORT_CASES, else ../shared/cases
  --peers       the same cases through nginx + ModSecurity + CRS, paranoia levels 1 and 2
  --cost        the POST of the travel scenario beside nginx + ModSecurity + CRS: CPU a call, and nothing else
  --in-process  the engine alone, without sockets: faster, and with held-out figures by confidence
  --blind       only the fifth of the families that was never looked at while the rules were written
  --wrong       what was judged wrongly, one JSON line each; of the open half of the families only
`

/** Connections at a time. */
const concurrency = 8

const { values } = parseArgs({
  options: {
    cases: { type: 'string', multiple: true },
    threshold: { type: 'string', default: 'balanced' },
    peers: { type: 'boolean', default: false },
    'in-process': { type: 'boolean', default: false },
    blind: { type: 'boolean', default: false },
    wrong: { type: 'boolean', default: false },
    cost: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})
if (values.help || !['strict', 'balanced', 'lenient'].includes(values.threshold)) {
  process.stdout.write(usage)
  process.exit(values.help ? 0 : 2)
}
if (values.cost) {
  const line = await compareTravelPost()
  process.stdout.write(
    `${line ?? 'not measured: needs nginx, libnginx-mod-http-modsecurity, modsecurity-crs, wrk'}\n`,
  )
  process.exit(line === undefined ? 2 : 0)
}
const folder = process.env['SALLYPORT_CASES'] ?? join(import.meta.dirname, '../../shared/cases')
const rows: Row[] = values.cases?.flatMap(readRows) ?? loadRows(join(folder, 'injection'))
if (rows.length === 0) {
  process.stderr.write(`bench: no cases in ${folder}; set SALLYPORT_CASES or give --cases\n`)
  process.exit(2)
}
const judged = rows.flatMap((row) => {
  const standing = standingOf(row)
  return standing.kind === 'none' ? [] : [{ row, standing }]
})

if (values['in-process']) show('engine, in process', decideInProcess())
else await overTheWire()

function show(name: string, decisions: readonly Decision[]): void {
  if (values.wrong) printWrong(decisions)
  else printReport(name, decisions, values.blind)
}

function decideInProcess(): Decision[] {
  // As low as it goes, so that every threshold can be judged afterwards.
  const engine = compileInjection({ threshold: 'strict' })
  const least = { strict: 0.5, balanced: 0.7, lenient: 0.85 }[values.threshold as Threshold]
  return judged.flatMap(({ row, standing }) =>
    judgeRow(engine, row).map((outcome) => {
      const confidence = Math.max(0, ...outcome.findings.map((f) => f.confidence))
      return {
        row,
        standing,
        carrier: outcome.carrier,
        refused: confidence >= least || outcome.spent,
        otherwise: false,
        confidence,
        milliseconds: outcome.microseconds / 1000,
      }
    }),
  )
}

async function overTheWire(): Promise<void> {
  const echo = await startEcho()
  const targets: Target[] = [await startPermissiveGateway(echo.port, values.threshold)]
  if (values.peers) {
    if (hasModsecurity()) for (const level of [1, 2]) targets.push(await startModsecurity(echo.port, level))
    else process.stderr.write('bench: libnginx-mod-http-modsecurity and modsecurity-crs are not installed\n')
  }
  try {
    for (const target of targets) show(target.name, await decideOver(target))
  } finally {
    for (const target of targets) await target.close()
    await echo.close()
  }
}

async function decideOver(target: Target): Promise<Decision[]> {
  const decisions: Decision[] = []
  const queue = judged.flatMap(({ row, standing }) => wiresOf(row).map((wire) => ({ row, standing, wire })))
  let next = 0
  const work = async (): Promise<void> => {
    for (;;) {
      const one = queue[next++]
      if (one === undefined) return
      const sent = await send(target.port, one.wire.bytes)
      const refused = sent.status === 0 || (sent.status >= 400 && sent.status < 500)
      decisions.push({
        row: one.row,
        standing: one.standing,
        carrier: one.wire.carrier,
        refused,
        otherwise: refused && sent.code !== undefined && sent.code !== 'INSPECT_INJECTION',
        milliseconds: sent.milliseconds,
      })
      if (process.stderr.isTTY && next % 500 === 0)
        process.stderr.write(`\r${target.name}: ${next} of ${queue.length}`)
    }
  }
  await Promise.all(Array.from({ length: concurrency }, work))
  if (process.stderr.isTTY) process.stderr.write('\r\u001b[K')
  return decisions
}
