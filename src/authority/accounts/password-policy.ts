import type { Refused } from './account.ts'
import { commonPasswords } from './common-passwords.ts'
import { isRuns, unitOf } from './easy-password.ts'
import { lengthOf, longestPassword } from './normalise-password.ts'

/** Characters of a password that stands alone, and of one beside a second factor (SP 800-63B-4 §3.1.1.2). */
export const shortestAlone = 15
export const shortestWithFactor = 8

export interface PasswordPolicyOptions {
  /** Names that anybody would try here: of the product, of the host. */
  readonly context: readonly string[]
  /** More passwords to refuse, besides those that are built in. */
  readonly refused?: Iterable<string>
}

/** Whose password it is going to be. */
export interface PasswordOwner {
  readonly email: string
  readonly name: string | undefined
  readonly hasSecondFactor: boolean
}

export interface PasswordPolicy {
  /** Why this password is not taken; undefined where it is. No rule about kinds of characters, no age. */
  judge(password: string, owner: PasswordOwner): Refused | undefined
}

/** Length, lists and context; nothing else (SP 800-63B-4 §3.1.1.2, ASVS 5.0 §6.2). Needs no network. */
export function createPasswordPolicy(options: PasswordPolicyOptions): PasswordPolicy {
  const everywhere = wordsOf(options.context)
  const more = new Set([...(options.refused ?? [])].map(fold))
  const isListed = (text: string): boolean => commonPasswords.has(text) || more.has(text)

  return {
    judge(password, owner) {
      if (password.length > 2 * longestPassword) return { refused: 'password-too-long' }
      if (!password.isWellFormed()) return { refused: 'password-malformed' }
      const length = lengthOf(password)
      if (length > longestPassword) return { refused: 'password-too-long' }
      if (length < (owner.hasSecondFactor ? shortestWithFactor : shortestAlone))
        return { refused: 'password-too-short' }
      const folded = fold(password)
      if (isCommon(folded, isListed)) return { refused: 'password-common' }
      const words = new Set([...everywhere, ...wordsOf([owner.email, owner.name ?? ''])])
      return isMadeOf(folded, words) ? { refused: 'password-context' } : undefined
    },
  }
}

function fold(text: string): string {
  return text.normalize('NFKC').toLowerCase()
}

/** On the list, a repetition or a run; or a listed word with a little around it (`Password2026!!!`). */
function isCommon(folded: string, isListed: (text: string) => boolean): boolean {
  const unit = unitOf(folded)
  if (isListed(folded) || isListed(unit) || lengthOf(unit) <= 4 || isRuns(folded)) return true
  const { before, core, after } = splitCore(folded)
  if (core.length < 4 || !isListed(unitOf(core))) return false
  return [before, after].every((part) => part.length <= 4 || isRuns(part) || isListed(part))
}

/** The text from its first to its last letter, and what stands around. */
function splitCore(text: string): { before: string; core: string; after: string } {
  const first = text.search(/\p{L}/u)
  if (first < 0) return { before: text, core: '', after: '' }
  const after = /\P{L}*$/u.exec(text)?.[0] ?? ''
  return { before: text.slice(0, first), core: text.slice(first, text.length - after.length), after }
}

/** Words of a name, an address, a host: three letters or more. */
function wordsOf(texts: readonly string[]): string[] {
  return texts.flatMap((text) => {
    const folded = fold(text)
    return [folded, ...folded.split(/[^\p{L}\p{N}]+/u)].filter((word) => lengthOf(word) >= 3)
  })
}

/** Whether hardly anything is left once the words are taken out. */
function isMadeOf(folded: string, words: ReadonlySet<string>): boolean {
  let rest = folded
  for (const word of [...words].sort((a, b) => b.length - a.length)) rest = rest.replaceAll(word, '')
  if (rest === folded) return false
  const left = rest.replace(/[^\p{L}\p{N}]/gu, '')
  return lengthOf(left) < shortestWithFactor || isRuns(left)
}
