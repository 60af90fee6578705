import assert from 'node:assert/strict'
import { it } from 'node:test'
import { compileInjection } from './engine.ts'
import { scanLater } from './scan-later.ts'
import { createScan } from './scan-value.ts'

const engine = compileInjection({ threshold: 'balanced' })
const context = { pointer: '/body/text', place: 'json-string' } as const

/** What a search for slow texts came to (bench/injection-worst.ts), and signs that stand everywhere. */
const units: readonly string[] = [
  'case when ＜',
  'case when &#39;',
  '＜sleep(',
  "the O'Brien (select) ",
  "'+''java.on={<\n;$(%27",
  "'",
  '`',
  '"+"',
  '\n ',
  '\r\n',
  '\na:',
  '<a ',
  '</a>',
  '<!--',
  '{{',
  '${${',
  '${a}',
  '$(',
  '%2527',
  '&#39;',
  '\\x27',
  '/* */',
  '#a',
  '-- ',
  ';ls ',
  '../',
  '//',
  '(|',
  '*)(',
  'f(',
  'on=',
  'java.',
  'http://',
  '[a](http://b) ',
  '{"a":1},',
  't : ',
  'document',
  'constructor',
  'x.y.z ',
  'aaaa',
  'é',
]
/** Work at each character: readings times detectors, and what patterns are looked for at. */
const mostEffort = 65
/** Passes of regular expressions over the text, those that begin anywhere. */
const mostPasses = 40

interface Work {
  readonly effort: number
  readonly passes: number
}

/** What scanning a text takes, counted rather than timed: both by its characters. */
function workOf(text: string): Work {
  const budget = { left: Number.MAX_SAFE_INTEGER }
  let passed = 0
  const { exec } = RegExp.prototype
  RegExp.prototype.exec = function (part: string): RegExpExecArray | null {
    const from = this.lastIndex
    const hit = exec.call(this, part)
    // Those that are tied to a place end there.
    if (!this.sticky && !this.source.startsWith('^'))
      passed += (hit === null ? part.length : hit.index + hit[0].length) - (this.global ? from : 0)
    return hit
  }
  try {
    engine.scanText(text, context, budget)
  } finally {
    RegExp.prototype.exec = exec
  }
  return {
    effort: (Number.MAX_SAFE_INTEGER - budget.left) / text.length,
    passes: passed / text.length,
  }
}

const repeated = (unit: string, length: number): string =>
  unit.repeat(Math.ceil(length / unit.length)).slice(0, length)

it('the work at each character is bounded, and does not grow with the text', (t) => {
  let dearest = { unit: '', effort: 0, passes: 0 }
  for (const unit of units) {
    const short = workOf(repeated(unit, 8_192))
    const long = workOf(repeated(unit, 32_768))
    assert.ok(long.effort <= mostEffort, `${JSON.stringify(unit)}: effort ${long.effort}`)
    assert.ok(long.passes <= mostPasses, `${JSON.stringify(unit)}: ${long.passes} passes`)
    assert.ok(long.effort <= short.effort * 1.25 + 1, `${JSON.stringify(unit)}: effort grows`)
    assert.ok(long.passes <= short.passes * 1.25 + 1, `${JSON.stringify(unit)}: passes grow`)
    if (long.effort > dearest.effort) dearest = { unit, ...long }
  }
  t.diagnostic(
    `dearest: ${JSON.stringify(dearest.unit)}, effort ${dearest.effort.toFixed(1)}, ${dearest.passes.toFixed(1)} passes`,
  )
})

it('a body of a megabyte costs no more than its effort, wherever it ends', async () => {
  const allowed = 32
  const window = 32_768
  for (const unit of ["'+''java.on={<\n;$(%27", '＜sleep(', 'case when &#39;']) {
    const text = repeated(unit, 1_048_576)
    const scan = createScan(engine, text.length * allowed)
    await scanLater(scan, [{ text, context }])
    const used = text.length * allowed - scan.budget.left
    // What is begun is ended: one detector, on one window.
    assert.ok(used <= text.length * allowed + window * 30, `${JSON.stringify(unit)}: ${used}`)
    assert.equal(scan.spent, scan.budget.left < 0)
  }
})
