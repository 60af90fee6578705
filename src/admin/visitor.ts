import type { AdminRole, SessionReply } from './contract.ts'

/** Who asks, once it is known. */
export interface Visitor {
  /** For people and the record: an e-mail address, a name, `loopback`. */
  readonly name: string
  readonly issuer: string
  readonly sub: string
  readonly role: AdminRole
  readonly via: SessionReply['via']
  /** What `X-CSRF` must be; undefined where the credential is none that a browser sends by itself. */
  readonly csrf: string | undefined
  /** Milliseconds since the epoch; undefined: no end. */
  readonly expires: number | undefined
  /** Address it comes from. */
  readonly address: string
}

/** Somebody whose credential was verified: what a sign-in gives. */
export interface Identity {
  readonly name: string
  readonly issuer: string
  readonly sub: string
  /** Undefined: somebody, but nobody who may be here. */
  readonly role: AdminRole | undefined
  readonly via: SessionReply['via']
  /** The role now, asked every few seconds; undefined ends the session. */
  readonly renew?: () => Promise<AdminRole | undefined>
  /** Longest life of a session, where it is shorter than usual. */
  readonly longestMs?: number
}

const ranks: Readonly<Record<AdminRole, number>> = { viewer: 1, operator: 2, administrator: 3 }

/** Whether a role may do what needs another. */
export function isAtLeast(role: AdminRole, needed: AdminRole): boolean {
  return ranks[role] >= ranks[needed]
}

/** The highest role that a list of role names gives. */
export function roleOf(
  names: readonly string[],
  table: Readonly<Record<AdminRole, readonly string[]>>,
): AdminRole | undefined {
  for (const role of ['administrator', 'operator', 'viewer'] as const)
    if (names.some((name) => table[role].includes(name))) return role
  return undefined
}
