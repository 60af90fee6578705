import { createHmac } from 'node:crypto'
import type { ContextDetector, ScanOptions, TextFinding, TextVerdict } from './detect/detector.ts'

/** What is done to a text. */
export type Treatment = 'leave' | 'strip' | 'redact'

export interface TreatOptions extends ScanOptions {
  readonly how: Treatment
  /** Key of the digests that stand for a text in records and in what is put in its place. */
  readonly key: Uint8Array
}

/** A finding of ours, or what another detector says. */
export type Signal = Omit<TextFinding, 'kind'> & { readonly kind: TextFinding['kind'] | 'external' }

/** A text that was read. Holds nothing of it but what leaves in its place. */
export interface TreatedText {
  readonly verdict: Omit<TextVerdict, 'findings'> & { readonly findings: readonly Signal[] }
  /** An instruction was found, not only something hidden. */
  readonly suspect: boolean
  /** Keyed digest of the text; undefined unless it is suspect. */
  readonly digest: string | undefined
  readonly left: string
}

/** How far a suspect part is drawn out to the ends of its sentence. */
const sentenceReach = 240

/** Reads one text and says what leaves in its place; undefined where there is nothing to say of it. */
export function treatText(
  detector: ContextDetector,
  text: string,
  options: TreatOptions,
): TreatedText | undefined {
  const verdict = detector.scan(text, options)
  const { findings, sanitised } = verdict
  if (findings.length === 0 && sanitised === undefined && !verdict.partial) return undefined
  const suspect = findings.some(isSuspect)
  const digest = suspect ? digestOf(text, options.key) : undefined
  const plain = options.how === 'leave' ? text : (sanitised ?? text)
  if (options.how !== 'redact' || !suspect) return { verdict, suspect, digest, left: plain }
  // Offsets are taken from a reading of what is left, where nothing is hidden any more.
  const seen = plain === text ? verdict : detector.scan(plain, options)
  const hidden = plain !== text && !seen.findings.some(isSuspect)
  return { verdict, suspect, digest, left: hidden ? plain : redacted(detector, plain, seen, options) }
}

/** True for what names an instruction. Comments and the like are a signal to strip, no more. */
export function isSuspect({ kind, deterministic }: Signal): boolean {
  return deterministic || kind === 'rule' || kind === 'model' || kind === 'external'
}

/** Stands in the place of a suspect part. */
export function placeholderOf(text: string, key: Uint8Array): string {
  return `[removed: untrusted instruction, id=${digestOf(text, key)}]`
}

function digestOf(text: string, key: Uint8Array): string {
  return createHmac('sha256', key).update(text).digest('hex').slice(0, 12)
}

function redacted(
  detector: ContextDetector,
  text: string,
  verdict: TextVerdict,
  options: TreatOptions,
): string {
  const parts = verdict.findings
    .filter((finding) => isSuspect(finding) && finding.end > finding.start)
    .map(({ start, end }) => sentenceAround(text, start, end))
    .toSorted((a, b) => a.from - b.from)
  let out = ''
  let at = 0
  for (const { from, to } of parts) {
    if (to <= at) continue
    const begin = Math.max(at, from)
    out += text.slice(at, begin) + placeholderOf(text.slice(begin, to), options.key)
    at = to
  }
  out += text.slice(at)
  // What cannot be found in the text as it is seen, or is still there, costs the whole text.
  const again = parts.length === 0 || detector.scan(out, options).findings.some(isSuspect)
  return again ? placeholderOf(text, options.key) : out
}

function sentenceAround(text: string, start: number, end: number): { from: number; to: number } {
  let from = start
  let to = end
  for (let steps = 0; from > 0 && steps < sentenceReach && !isEnd(text, from - 1); steps++) from--
  while (from < end && text.charCodeAt(from) === 0x20) from++
  for (let steps = 0; to < text.length && steps < sentenceReach && !isEnd(text, to - 1); steps++) to++
  // Never between the halves of a character.
  if (isLow(text, from)) from--
  if (isLow(text, to)) to++
  return { from, to }
}

function isLow(text: string, at: number): boolean {
  const unit = text.charCodeAt(at)
  return unit >= 0xdc00 && unit <= 0xdfff
}

/** True where a sentence ends with this sign. */
export function isEnd(text: string, at: number): boolean {
  const unit = text.charCodeAt(at)
  if (unit === 0x0a || unit === 0x3002 || unit === 0xff01 || unit === 0xff1f) return true
  if (unit !== 0x2e && unit !== 0x21 && unit !== 0x3f) return false
  const next = text.charCodeAt(at + 1)
  return Number.isNaN(next) || next === 0x20 || next === 0x0a
}
