import type { Account, Refused } from './account.ts'

/** One page of accounts, by e-mail address. */
export interface PeoplePage {
  readonly accounts: readonly Account[]
  /** Pass as `after` to get the next page; undefined at the end. */
  readonly next: string | undefined
}

/** What a subject that is not drawn at random looks like: an id of the system that people come from. */
export function isSubject(text: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9._:|-]{0,99}$/.test(text)
}

export interface NewPerson {
  /**
   * The id by which APIs know them already, where people come from another system: it becomes the subject of their tokens, so
   * that rules such as `owner: path.userId` hold. Never give one twice. Drawn at random by default.
   */
  readonly sub?: string
  readonly email: string
  readonly name: string | undefined
  readonly roles: readonly string[]
  /** The operator vouches that the address is theirs. */
  readonly emailVerified: boolean
}

/** A secret that is shown once. */
export interface OneTimeLink {
  readonly token: string
  readonly link: string
  /** Milliseconds since the epoch. */
  readonly expires: number
}

/**
 * What an operator does with accounts. `by` says who (`cli:root`, an administrator's subject) and is written into the
 * event. Methods that change an account answer false where there is none.
 */
export interface People {
  /**
   * Without a password: hand over the link of `resetLink`. Undefined where the address or the subject is taken, be it by a
   * client (row A27). Throws `RangeError` for a subject that is none.
   */
  create(person: NewPerson, by: string): Promise<Account | Refused | undefined>
  list(limit: number, after?: string): Promise<PeoplePage>
  find(sub: string): Promise<Account | undefined>
  findByEmail(email: string): Promise<Account | undefined>
  /** Sessions and tokens end before this resolves in this process, within 2 s in others. */
  disable(sub: string, by: string): Promise<boolean>
  enable(sub: string, by: string): Promise<boolean>
  /** Like `disable`, and the account is gone. */
  remove(sub: string, by: string): Promise<boolean>
  /** Takes every delay and lock off. */
  unlock(sub: string, by: string): Promise<boolean>
  setRoles(sub: string, roles: readonly string[], by: string): Promise<boolean>
  endSessions(sub: string, by: string): Promise<boolean>
  /** A link to choose a new password, good once, for 15 min; a second factor is still asked for. */
  resetLink(sub: string, by: string): Promise<OneTimeLink | undefined>
  /** Takes authenticator, passkeys and recovery codes off, for somebody who lost them. Sessions end. */
  removeFactors(sub: string, by: string): Promise<boolean>
  /** The link of the first start, good once, for an hour. Undefined where there already is an account. */
  createSetupToken(): Promise<OneTimeLink | undefined>
}
