import { riskOf, scoreOfRisk } from './linear-model.ts'
import { loadModel, readModel } from './load-model.ts'
import { scanText } from './scan-text.ts'
import type { HostList } from './strip-markdown.ts'
import type { TextFinding, TextVerdict } from './text-verdict.ts'

export type { TextFinding, TextVerdict } from './text-verdict.ts'

export interface ScanOptions {
  /** What the text is written in; undefined of a string in JSON, which may be anything. */
  readonly kind?: 'plain' | 'html' | 'markdown'
  /**
   * Hosts that pictures and links may name, lower-case; `*.example.com` stands for every name below it. Pictures of other hosts
   * go; links go only where there is a list, and it names a host.
   */
  readonly allowedHosts?: ReadonlySet<string> | undefined
  /**
   * Characters of the reply that the text is a part of, as far as known: the more of it there is, the more looks like an
   * instruction by accident. Counted, 1 % of honest replies of any size are flagged, not 1 % of their strings.
   */
  readonly documentLength?: number | undefined
}

/** Judges single texts. Synchronous, linear, without memory of the texts before. */
export interface ContextDetector {
  scan(text: string, options?: ScanOptions): TextVerdict
}

export interface ContextDetectorOptions {
  /** Risk from which the model flags; 0.5, where 1 % of honest documents would be, by default. */
  readonly threshold?: number
  /** Bytes of a trained model; by default the one that ships. */
  readonly model?: Uint8Array
}

/** Characters of one text that are read. */
const mostChars = 262_144
const noFindings: readonly TextFinding[] = Object.freeze([])
const nothingRemoved: Readonly<Record<string, number>> = Object.freeze({})
const noHosts: HostList = { hosts: [], links: false }
const defaultThreshold = 0.5

/** Builds a detector. Throws where the model is none, or the threshold is not between 0 and 1. */
export function createContextDetector(options: ContextDetectorOptions = {}): ContextDetector {
  const { threshold = defaultThreshold } = options
  if (!(threshold > 0 && threshold < 1)) throw new RangeError('threshold: write a number between 0 and 1')
  const model = options.model === undefined ? loadModel() : readModel(options.model)
  const flagFrom = scoreOfRisk(model, threshold)
  const listOf = createHostLists()
  return {
    scan(text, { allowedHosts, kind, documentLength } = {}) {
      const cut = text.length > mostChars
      const { sanitised, score, findings, partial } = scanText(cut ? text.slice(0, mostChars) : text, {
        model,
        flagFrom,
        hosts: allowedHosts === undefined ? noHosts : listOf(allowedHosts),
        kind,
        documentLength,
      })
      let risk = riskOf(model, score)
      if (findings.length === 0 && sanitised === undefined)
        return {
          findings: noFindings,
          risk,
          sanitised: undefined,
          removed: nothingRemoved,
          partial: partial || cut,
        }
      for (const { score: one } of findings) if (one > risk) risk = one
      return {
        findings,
        risk,
        sanitised: sanitised === undefined ? undefined : sanitised.text + (cut ? text.slice(mostChars) : ''),
        removed: sanitised === undefined ? nothingRemoved : Object.fromEntries(sanitised.counts),
        partial: partial || cut,
      }
    },
  }
}

/** Sets are turned into lists once each. */
function createHostLists(): (allowed: ReadonlySet<string>) => HostList {
  const lists = new WeakMap<ReadonlySet<string>, HostList>()
  return (allowed) => {
    let list = lists.get(allowed)
    if (list === undefined) {
      list = { hosts: [...allowed], links: allowed.size > 0 }
      lists.set(allowed, list)
    }
    return list
  }
}
