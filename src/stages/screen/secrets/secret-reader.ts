import type { Answered } from '../../../kernel/facts.ts'
import { type Denial, deny } from '../../../kernel/verdict.ts'
import { pointerOf } from '../pointer-of.ts'
import { redactSecrets, type SecretSearch } from './find-secrets.ts'
import type { SecretKind } from './secret-kinds.ts'
import type { SecretPlan } from './secret-plan.ts'

const check = 'screen.secrets'
/** Secrets of one reply that are named in its record. */
const mostNamed = 8
/** Names of numbers that are card numbers: a number alone is too often an id that fits by chance. */
const cardName = /card|^pan$|\bcc\b/i

/** Looks for secrets in the texts of one reply. */
export class SecretReader {
  readonly #plan: SecretPlan
  readonly #search: SecretSearch
  readonly #named: string[] = []
  #found = 0

  constructor(plan: SecretPlan, search: SecretSearch) {
    this.#plan = plan
    this.#search = search
  }

  /** What leaves in the place of a text. */
  read(text: string, path: readonly (string | number)[]): string {
    const found = this.#search.find(text)
    if (found.length === 0) return text
    for (const { kind } of found) this.#name(kind, path)
    return this.#plan.mode === 'observe' ? text : redactSecrets(text, found)
  }

  /** A card number may be a number; 0 leaves in its place. */
  readNumber(value: number | bigint, path: readonly (string | number)[]): number | bigint {
    if (value < 1e12) return value
    const name = path.findLast((token) => typeof token === 'string')
    if (typeof name !== 'string' || !cardName.test(name)) return value
    const kind = this.#search.find(String(value))[0]?.kind
    if (kind === undefined) return value
    this.#name(kind, path)
    return this.#plan.mode === 'observe' ? value : 0
  }

  /** Notes one that was found elsewhere, in the member `name`. */
  note(kind: SecretKind, name: string): void {
    this.#name(kind, name === '' ? [] : [name])
  }

  /** Puts what was found on record; a refusal where the rule wants one. */
  judge(answered: Answered): Denial | undefined {
    if (this.#found === 0) return undefined
    const more = this.#found > this.#named.length ? ` and ${this.#found - this.#named.length} more` : ''
    const reason = this.#named.join(', ') + more
    if (this.#plan.mode === 'observe')
      answered.trail.note('screen', check, 'deny', 'SCREEN_SECRET', reason, true)
    else if (this.#plan.action === 'block') return deny('SCREEN_SECRET', check, reason)
    else answered.trail.note('screen', check, 'allow', undefined, `removed: ${reason}`)
    return undefined
  }

  #name(kind: string, path: readonly (string | number)[]): void {
    this.#found++
    if (this.#named.length >= mostNamed) return
    this.#named.push(`${kind} at ${path.length === 0 ? 'the text' : pointerOf(path)}`)
  }
}
