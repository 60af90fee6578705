import { randomBytes } from 'node:crypto'
import type { Answered } from '../../../kernel/facts.ts'
import { Fault } from '../../../kernel/fault.ts'
import type { ContextDetector } from './detect/detector.ts'
import type { ExternalDetector } from './external/external-detector.ts'
import { Inspection } from './inspection.ts'
import { treatmentOf } from './judge-texts.ts'
import type { ContentPlan } from './options.ts'
import type { ScanThread } from './scan-thread.ts'
import { placeholderOf, type TreatedText, type TreatOptions, treatText } from './treat-text.ts'

/** Characters that are read on the event loop; more are read beside it. */
const inlineChars = 65_536
/** Characters of one reply that are read; what comes after is not, and the reply says so. */
const mostChars = 262_144
/** Names of members that are too short to be a text. */
const shortName = 24

/** Key of the digests that stand for texts: they compare within one process, and reveal nothing. */
const key: Uint8Array = randomBytes(32)

/** What reading needs beside the plan. */
export interface TextTools {
  readonly detector: ContextDetector
  readonly thread: ScanThread
}

/** Reads the texts of one reply, one by one. */
export class TextReader {
  readonly inspection: Inspection = new Inspection()
  readonly options: TreatOptions
  readonly #tools: TextTools
  readonly #external: ExternalDetector | undefined
  /** What was read ahead; undefined where texts are read as they come. */
  #ahead: Map<string, TreatedText | undefined> | undefined
  #read = 0

  /** `length`: characters of the reply that the texts are parts of, where it is known. */
  constructor(plan: ContentPlan, tools: TextTools, kind?: TreatOptions['kind'], length?: number) {
    this.#tools = tools
    this.#external = plan.external
    this.options = {
      how: treatmentOf(plan),
      key,
      allowedHosts: plan.hosts,
      ...(kind !== undefined && { kind }),
      ...(length !== undefined && { documentLength: length }),
    }
  }

  /** True where texts of this many characters in all must be given to `ahead` first. */
  isLong(chars: number): boolean {
    return chars > inlineChars || this.#external !== undefined
  }

  /** Reads texts beside the event loop, and asks the external detector about them. */
  async ahead(texts: readonly string[], answered: Answered): Promise<void> {
    let chars = 0
    const read = [...new Set(texts)].filter((text) => {
      chars += text.length
      return chars <= mostChars || chars === text.length
    })
    const few = chars <= inlineChars
    const asked = this.#external === undefined ? undefined : this.#ask(this.#external, read, answered)
    const own = few
      ? read.map((text) => treatText(this.#tools.detector, text, this.options))
      : await this.#tools.thread.treat(read, this.options)
    const flagged = await asked
    this.#ahead = new Map(
      read.map((text, i) => [
        text,
        flagged?.[i] === true ? withExternal(text, own[i], this.#external?.name ?? '', this.options) : own[i],
      ]),
    )
  }

  /** Reads one text; returns what leaves in its place. */
  read(text: string, pointer: () => string): string {
    const treated = this.#treated(text)
    if (treated === undefined) return text
    this.inspection.add(treated, pointer)
    return treated.left
  }

  /** Reads the name of a member; one that is suspect is replaced where texts are. */
  readName(name: string, pointer: () => string): string {
    return isShort(name) ? name : this.read(name, pointer)
  }

  #treated(text: string): TreatedText | undefined {
    if (this.#ahead !== undefined) {
      if (!this.#ahead.has(text)) this.inspection.partial = true
      return this.#ahead.get(text)
    }
    this.#read += text.length
    if (this.#read > mostChars && this.#read !== text.length) {
      this.inspection.partial = true
      return undefined
    }
    return treatText(this.#tools.detector, text, this.options)
  }

  async #ask(
    external: ExternalDetector,
    texts: readonly string[],
    answered: Answered,
  ): Promise<readonly boolean[] | undefined> {
    try {
      const { flagged, partial } = await external.judge(texts, answered.id)
      if (partial) answered.trail.note('screen', `screen.${external.name}`, 'allow', undefined, 'partial')
      return flagged
    } catch (error) {
      const reason = `${external.name} did not answer: ${error instanceof Error ? error.message : 'fault'}`
      if (external.onFault === 'closed')
        throw new Fault('GATEWAY_FAULT', `screen.${external.name}`, reason, error)
      answered.trail.failedOpen++
      answered.trail.note('screen', `screen.${external.name}`, 'abstain', undefined, reason)
      return undefined
    }
  }
}

/** A name that only holds what names hold. */
export function isShort(name: string): boolean {
  return name.length <= shortName && /^[\x20-\x7e]*$/.test(name)
}

/** Adds what another detector says, as a signal of its own. */
function withExternal(
  text: string,
  own: TreatedText | undefined,
  name: string,
  { how, key }: TreatOptions,
): TreatedText {
  const placeholder = placeholderOf(text, key)
  return {
    verdict: {
      sanitised: own?.verdict.sanitised,
      removed: own?.verdict.removed ?? {},
      partial: own?.verdict.partial ?? false,
      risk: Math.max(own?.verdict.risk ?? 0, 0.9),
      findings: [
        ...(own?.verdict.findings ?? []),
        {
          rule: `ext-${name}`,
          kind: 'external',
          start: 0,
          end: text.length,
          score: 0.9,
          deterministic: false,
        },
      ],
    },
    suspect: true,
    digest: own?.digest ?? placeholder.slice(-13, -1),
    left: how === 'redact' ? placeholder : (own?.left ?? text),
  }
}
