import { hash } from 'node:crypto'
import type { AuditEvent } from '../../../kernel/event.ts'
import { escapeUnsafe } from '../line.ts'

/** Members that say who somebody is or what they touched: they can be erased, the rest stands. */
const personal = ['sub', 'credential', 'address', 'peer', 'path', 'objects'] as const
export type PersonalMember = (typeof personal)[number]
export type Impersonal = Omit<AuditEvent, PersonalMember>
export type Personal = Pick<AuditEvent, PersonalMember>

/** What ties a line to those before it; the last member of a line. All digests are SHA-256, base64url. */
export interface Link {
  /** Names the run of the gateway that wrote the line. */
  readonly log: string
  /** Place in that run, from 0, without gaps. */
  readonly n: number
  /** Digest of the line before; of the run's first line: of its name. */
  readonly prev: string
  /** 128 random bits of this line alone; gone with the personal members, so that `kept` cannot be guessed then. */
  readonly salt?: string
  /** Digest of salt and personal members. */
  readonly kept: string
  /** Digest of `prev`, `kept` and the impersonal members. */
  readonly hash: string
  /** Ed25519 over `log`, `n` and `hash`: vouches for this line and all before it. */
  readonly signature?: string
}

const nobodyKnown = {
  sub: undefined,
  credential: undefined,
  address: undefined,
  peer: undefined,
  path: undefined,
  objects: undefined,
} as const satisfies Record<PersonalMember, undefined>

/** Splits an event, serialises its halves once each. */
export function halvesOf(event: AuditEvent): { readonly impersonal: string; readonly personal: string } {
  const { sub, credential, address, peer, path, objects } = event
  return {
    // What is undefined is not written: a copy of the same shape costs less than one without the members.
    impersonal: escapeUnsafe(JSON.stringify({ ...event, ...nobodyKnown })),
    personal: escapeUnsafe(JSON.stringify({ sub, credential, address, peer, path, objects })),
  }
}

/** One line: impersonal members, personal ones, `chain`, which is JSON already. */
export function joinLine(impersonal: string, personalHalf: string | undefined, chain: string): string {
  const who = personalHalf === undefined ? '' : `${personalHalf.slice(1, -1)},`
  return `${impersonal.slice(0, -1)},${who}"chain":${chain}}`
}

/** A link of our own as `JSON.stringify` writes it: in its names and digests nothing is escaped. */
export function linkText({ log, n, prev, salt, kept, hash: digest, signature }: Link): string {
  const salted = salt === undefined ? '' : `"salt":"${salt}",`
  const signed = signature === undefined ? '' : `,"signature":"${signature}"`
  return `{"log":"${log}","n":${n},"prev":"${prev}",${salted}"kept":"${kept}","hash":"${digest}"${signed}}`
}

export function keptDigest(salt: string, personalHalf: string): string {
  return hash('sha256', `${salt}\n${personalHalf}`, 'base64url')
}

export function lineDigest(prev: string, kept: string, impersonal: string): string {
  return hash('sha256', `${prev}\n${kept}\n${impersonal}`, 'base64url')
}

/** Digest that stands before the first line of a run. */
export function firstDigest(log: string): string {
  return hash('sha256', log, 'base64url')
}

/** What a signature is over. */
export function signedText(link: Pick<Link, 'log' | 'n' | 'hash'>): string {
  return `sallyport-log ${link.log} ${link.n} ${link.hash}`
}

/** A line read back; undefined where it is none. `personal` is undefined where it was erased. */
export interface ReadLine {
  readonly link: Link
  readonly impersonal: string
  readonly personal: string | undefined
  readonly time: number
}

export function readLine(line: string): ReadLine | undefined {
  let parsed: unknown
  try {
    parsed = JSON.parse(line)
  } catch {
    return undefined
  }
  if (typeof parsed !== 'object' || parsed === null) return undefined
  const { chain, ...event } = parsed as AuditEvent & { readonly chain?: unknown }
  if (!isLink(chain)) return undefined
  const halves = halvesOf(event)
  return {
    link: chain,
    impersonal: halves.impersonal,
    personal: 'sub' in event ? halves.personal : undefined,
    time: typeof event.time === 'number' ? event.time : 0,
  }
}

/** The line without what says who: the digests stay, and with them the chain. */
export function erasedLine(line: string): string | undefined {
  const read = readLine(line)
  if (read === undefined) return undefined
  const { salt, ...link } = read.link
  return joinLine(read.impersonal, undefined, JSON.stringify(link))
}

const members = new Set(['log', 'n', 'prev', 'salt', 'kept', 'hash', 'signature'])

function isLink(value: unknown): value is Link {
  if (typeof value !== 'object' || value === null) return false
  const link = value as Record<string, unknown>
  for (const [name, member] of Object.entries(link)) {
    if (!members.has(name)) return false
    if (name === 'n' ? !Number.isSafeInteger(member) : typeof member !== 'string') return false
  }
  return 'log' in link && 'n' in link && 'prev' in link && 'kept' in link && 'hash' in link
}
