import type { Admitted } from '../../../kernel/facts.ts'
import type { Mode } from '../../../kernel/mode.ts'
import { everyText, type TextPlan } from '../../../kernel/text-plan.ts'
import { type Denial, deny } from '../../../kernel/verdict.ts'
import { compileInjection, type Engine, type Threshold } from './engine.ts'
import { compileExceptions, type InjectionException } from './exceptions.ts'
import type { TextPlace } from './finding.ts'
import { createScanHead } from './scan-head.ts'
import { scanLater } from './scan-later.ts'
import { createScan, type Scan, scanValue } from './scan-value.ts'
import type { Waiting } from './waiting.ts'

/** What the control `injection` does for one operation. */
export interface InjectionPlan {
  readonly mode: Mode
  readonly threshold: Threshold
  readonly exceptions: readonly InjectionException[]
  /** Looks that a scan may take at each byte, readings times detectors; beyond them the call is refused. */
  readonly effort: number
}

/** Looks for attacks in what a call sends. */
export interface InjectionScan {
  /** `proven`: the schema was enforced, so that what it rules out need not be looked at. */
  head(admitted: Admitted, proven: boolean): Denial | undefined
  body(
    admitted: Admitted,
    value: unknown,
    place: TextPlace,
    bytes: number,
    texts: TextPlan | undefined,
  ): Denial | undefined | Promise<Denial | undefined>
}

/** Bytes that every head and body may cost besides, so that short ones never run out. */
const grace = 8_192
/** Bytes of a body whose texts are scanned in one go. */
const atOnce = 32_768
const check = 'inspect.injection'

/** Compiles the plan of an operation; undefined where the control is off. Engines are shared by threshold. */
export function compileInjectionScan(
  plan: InjectionPlan,
  engines: Map<string, Engine>,
): InjectionScan | undefined {
  const { mode, threshold, exceptions, effort } = plan
  if (mode === 'off') return undefined
  const engine = engineOf(threshold, exceptions, engines)
  const scanHead = createScanHead()

  function verdict(admitted: Admitted, scan: Scan): Denial | undefined {
    if (scan.spent) return outcome(admitted, 'more text than inspection may cost')
    if (scan.findings.length === 0) return undefined
    const reason = scan.findings
      .slice(0, 3)
      .map(
        (f) =>
          `${f.detector} (${f.class}, ${f.confidence.toFixed(2)}) at ${f.pointer}, ${f.length} characters, digest ${f.digest}`,
      )
      .join('; ')
    return outcome(admitted, reason)
  }

  function outcome(admitted: Admitted, reason: string): Denial | undefined {
    if (mode === 'enforce') return deny('INSPECT_INJECTION', check, reason)
    admitted.trail.note('inspect', check, 'deny', 'INSPECT_INJECTION', reason, true)
    return undefined
  }

  return {
    head(admitted, proven) {
      const scan = createScan(engine, (grace + headLength(admitted)) * effort)
      scanHead(scan, admitted, proven ? admitted.operation.input.texts : undefined)
      return verdict(admitted, scan)
    },
    body(admitted, value, place, bytes, texts) {
      if (value === undefined || texts?.quiet === true) return undefined
      const scan = createScan(engine, (grace + bytes) * effort)
      if (bytes <= atOnce) {
        scanValue(scan, value, texts ?? everyText, '/body', place)
        return verdict(admitted, scan)
      }
      const later: Waiting[] = []
      scan.later = later
      scanValue(scan, value, texts ?? everyText, '/body', place)
      scan.later = undefined
      return scanLater(scan, later).then(() => verdict(admitted, scan))
    },
  }
}

function engineOf(
  threshold: Threshold,
  exceptions: readonly InjectionException[],
  engines: Map<string, Engine>,
): Engine {
  const key = JSON.stringify([threshold, exceptions])
  let engine = engines.get(key)
  if (engine === undefined) {
    const isExcepted = compileExceptions(exceptions)
    engine = compileInjection(isExcepted === undefined ? { threshold } : { threshold, isExcepted })
    engines.set(key, engine)
  }
  return engine
}

function headLength({ path, query, fields }: Admitted): number {
  let length = path.length + query.length
  for (const text of fields.flat) length += text.length
  return length
}
