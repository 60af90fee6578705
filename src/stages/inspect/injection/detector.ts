import type { InjectionClass, TextPlace } from './finding.ts'

/** One reading of a text. */
export interface View {
  readonly text: string
  /** ASCII letters lowered; same length as `text`. */
  readonly lower: string
  readonly place: TextPlace
  readonly urlTyped: boolean
  /** Names the page that the caller is on (`Origin`, `Referer`). */
  readonly page?: boolean
  /** How many decodings lie between the text as sent and this reading. */
  readonly depth: number
  /** Whether it reads like sentences (see prose.ts). */
  readonly prose: boolean
}

/** Looks for one language in a text. */
export interface Detector {
  readonly name: string
  readonly class: InjectionClass
  /**
   * Of each group at least one literal occurs (ASCII case aside) in every text in which `run` finds something: what
   * the prefilter asks first. Lower-case ASCII; empty: always run.
   */
  readonly needs: readonly (readonly string[])[]
  /** Runs on every text that the contract calls a URL. */
  readonly forUrls?: boolean
  /** Confidence 0 to 1; time linear in the text. */
  run(view: View): number
}
