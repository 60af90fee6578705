import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { it } from 'node:test'
import { loadRows, type Row, standingOf } from '../../bench/injection/cases.ts'
import { judgeRow } from '../../bench/injection/in-process.ts'
import { compileInjection } from '../../src/stages/inspect/injection/engine.ts'

const folder = join(
  process.env['SALLYPORT_CASES'] ?? join(import.meta.dirname, '../../../shared/cases'),
  'injection',
)
/** Rows of one class or set at most; they are taken evenly over the files. */
const most = 400

/** Least share of attacks that is refused, by class; a little below what the development cases give. */
const floors: Readonly<Record<string, number>> = {
  sqli: 0.96,
  nosqli: 0.95,
  cmdi: 0.94,
  traversal: 0.95,
  xss: 0.96,
  xxe: 0.85,
  ssti: 0.95,
  ssrf: 0.88,
  ldapi: 0.95,
}

it('third-party cases: floors of recall, ceilings of false positives', (t) => {
  if (!existsSync(folder)) {
    assert.ok(process.env['CI'] !== 'true', `no cases in ${folder}`)
    t.skip(`no cases in ${folder}; set SALLYPORT_CASES`)
    return
  }
  const groups = new Map<string, Row[]>()
  for (const row of loadRows(folder)) {
    const standing = standingOf(row)
    const key =
      standing.kind === 'attack' ? standing.class : standing.kind === 'benign' ? `benign ${standing.set}` : ''
    if (key !== '') groups.set(key, [...(groups.get(key) ?? []), row])
  }
  const engine = compileInjection({ threshold: 'balanced' })
  const shareOf = (key: string): number => {
    const rows = groups.get(key) ?? []
    const step = Math.max(1, Math.floor(rows.length / most))
    let ran = 0
    let refused = 0
    for (let i = 0; i < rows.length; i += step)
      for (const outcome of judgeRow(engine, rows[i] as Row)) {
        ran++
        if (outcome.findings.length > 0 || outcome.spent) refused++
      }
    t.diagnostic(`${key}: ${refused} of ${ran} refused`)
    assert.ok(ran > 20, `${key}: nothing ran`)
    return refused / ran
  }
  for (const [kind, floor] of Object.entries(floors)) {
    const share = shareOf(kind)
    assert.ok(share >= floor, `${kind}: ${share.toFixed(4)}`)
  }
  assert.equal(shareOf('benign real'), 0)
  assert.ok(shareOf('benign near') < 0.06)
})
