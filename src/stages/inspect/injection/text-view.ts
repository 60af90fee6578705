import type { View } from './detector.ts'
import type { TextContext, TextPlace } from './finding.ts'
import { proseOf } from './prose.ts'

/** A reading of a text; whether it is prose is found out when it is first asked for. */
export class TextView implements View {
  readonly text: string
  readonly lower: string
  readonly place: TextPlace
  readonly urlTyped: boolean
  readonly page: boolean
  readonly depth: number
  #prose: boolean | undefined

  constructor(text: string, context: TextContext, depth: number) {
    this.text = text
    this.lower = lowered(text)
    this.place = context.place
    this.urlTyped = context.urlTyped === true
    this.page = context.page === true
    this.depth = depth
  }

  get prose(): boolean {
    this.#prose ??= proseOf(this.lower)
    return this.#prose
  }
}

/** ASCII letters lowered; other characters stay, so that no length changes. */
function lowered(text: string): string {
  const lower = text.toLowerCase()
  return lower.length === text.length ? lower : text.replace(/[A-Z]/g, (letter) => letter.toLowerCase())
}
