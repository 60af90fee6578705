import { createHmac, randomBytes } from 'node:crypto'
import type { Detector } from './detector.ts'
import { detectors as allDetectors } from './detectors.ts'
import { effort } from './effort.ts'
import type { InjectionClass, InjectionFinding, TextContext } from './finding.ts'
import { compilePrefilter } from './prefilter.ts'
import { TextView } from './text-view.ts'
import { readingsOf } from './views.ts'

/** How sure a finding must be to count. */
export type Threshold = 'strict' | 'balanced' | 'lenient'

export const thresholds: Readonly<Record<Threshold, number>> = { strict: 0.5, balanced: 0.7, lenient: 0.85 }

export interface InjectionOptions {
  readonly threshold: Threshold
  /** True where the operator wrote that findings of this class at this place do not count. */
  readonly isExcepted?: (pointer: string, kind: InjectionClass) => boolean
  /** For tests and measurement: these detectors instead of all. */
  readonly detectors?: readonly Detector[]
  /** For tests: asks every detector, whatever the prefilter says. */
  readonly unfiltered?: boolean
}

/** How sure a finding in a password must be: generated ones hold any signs in any order. */
const secretThreshold = 0.94

/** Work that one request may still cost; in units of about one character of one reading. */
export interface Budget {
  left: number
}

export interface Engine {
  /**
   * Findings of a text, surest first; undefined where the budget is spent: nothing is known then, and the call must be
   * refused.
   */
  scanText(text: string, context: TextContext, budget: Budget): readonly InjectionFinding[] | undefined
}

const none: readonly InjectionFinding[] = Object.freeze([])
/** What asking one detector costs beside the characters. */
const askCost = 40

/** What may change a text when it is decoded once more. */
const encodingHints = ['%', '&', '\\', '+ad']

/** Compiles all detectors behind one prefilter. */
export function compileInjection(options: InjectionOptions): Engine {
  const detectors = options.detectors ?? allDetectors
  const least = thresholds[options.threshold]
  const prefilter = compilePrefilter([...detectors.flatMap((detector) => detector.needs), encodingHints])
  const needs = detectors.map((detector) => detector.needs.map((group) => prefilter.bitOf(group)))
  const hints = prefilter.bitOf(encodingHints)
  const key = randomBytes(32)
  const digestOf = (text: string): string =>
    createHmac('sha256', key).update(text).digest('base64url').slice(0, 16)
  const { unfiltered = false, isExcepted } = options

  const wanted = new Int32Array(detectors.length)

  /** Asks the detectors that the prefilter names; true where the text holds what may be decoded. */
  function ask(
    text: string,
    depth: number,
    context: TextContext,
    budget: Budget,
    found: Map<Detector, number>,
  ): boolean {
    const occurrences = prefilter.scan(text)
    const { low, high } = occurrences
    budget.left -= text.length >> 2
    let count = 0
    for (let i = 0; i < detectors.length; i++) {
      const groups = needs[i] as readonly { low: number; high: number }[]
      let all = true
      if (!unfiltered && !(context.urlTyped === true && detectors[i]?.forUrls === true))
        for (let k = 0; k < groups.length; k++) {
          const bit = groups[k] as { low: number; high: number }
          if (((low & bit.low) | (high & bit.high)) === 0) {
            all = false
            break
          }
        }
      if (all) wanted[count++] = i
    }
    const encoded = ((low & hints.low) | (high & hints.high)) !== 0
    if (count === 0) return encoded
    const view = new TextView(text, context, depth)
    for (let n = 0; n < count && budget.left >= 0; n++) {
      const detector = detectors[wanted[n] as number] as Detector
      budget.left -= (text.length >> 1) + askCost
      const before = effort.spent
      const confidence = detector.run(view)
      budget.left -= effort.spent - before
      const needed = context.secret === true ? Math.max(least, secretThreshold) : least
      if (confidence >= needed && confidence > (found.get(detector) ?? 0)) found.set(detector, confidence)
    }
    return encoded
  }

  return {
    scanText(text, context, budget) {
      if (text.length < 2) return none
      const found = new Map<Detector, number>()
      const encoded = ask(text, 0, context, budget, found)
      if (found.size === 0 && (encoded || mayHoldMore(text)))
        for (const reading of readingsOf(text)) {
          if (budget.left < 0) return undefined
          ask(reading.text, reading.depth, context, budget, found)
          if (found.size > 0) break
        }
      if (budget.left < 0) return undefined
      if (found.size === 0) return none
      const findings: InjectionFinding[] = []
      for (const [detector, confidence] of found) {
        if (isExcepted?.(context.pointer, detector.class) === true) continue
        findings.push({
          detector: detector.name,
          class: detector.class,
          confidence,
          pointer: context.pointer,
          length: text.length,
          digest: digestOf(text),
        })
      }
      return findings.sort((a, b) => b.confidence - a.confidence)
    },
  }
}

/** What is not ASCII may be a look-alike; a long value without blanks may be base64. */
function mayHoldMore(text: string): boolean {
  return /[^\t\n\r\x20-\x7e]/.test(text) || (text.length >= 16 && !text.includes(' ')) || text.includes('+')
}
