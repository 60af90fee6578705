import { type KeyObject, verify } from 'node:crypto'
import { firstDigest, keptDigest, lineDigest, type ReadLine, readLine, signedText } from './chained-line.ts'

/** What is wrong with a record. */
export type ChainFlaw =
  | 'unreadable'
  | 'changed'
  | 'personal-changed'
  | 'missing'
  | 'out-of-place'
  | 'bad-signature'

/** The first bad record. */
export interface BadRecord {
  /** Place among the lines given, from 1. */
  readonly line: number
  readonly flaw: ChainFlaw
  readonly log: string | undefined
  readonly n: number | undefined
  /** For people. */
  readonly message: string
}

/** What was found of one run. */
export interface RunReport {
  readonly log: string
  readonly first: number
  readonly last: number
  readonly from: number
  readonly to: number
  readonly signatures: number
  /** Lines after the last signature: whoever holds the log could have removed what followed them. */
  readonly unsigned: number
  readonly erased: number
}

export interface ChainReport {
  readonly lines: number
  readonly runs: readonly RunReport[]
  readonly bad: BadRecord | undefined
}

interface Run {
  readonly log: string
  readonly first: number
  readonly from: number
  last: number
  to: number
  hash: string
  signatures: number
  unsigned: number
  erased: number
}

/**
 * Verifies lines in the order they were kept; runs of several processes may be mixed. Stops at the first bad record.
 * The same line twice in a row is one (a store may have been handed a batch twice). A run that begins later than 0 has
 * lost its beginning to retention: what is there is vouched for by its signatures.
 */
export async function verifyChain(
  lines: AsyncIterable<string> | Iterable<string>,
  key: KeyObject,
): Promise<ChainReport> {
  const runs = new Map<string, Run>()
  let count = 0
  let bad: BadRecord | undefined
  for await (const line of lines) {
    count++
    const read = readLine(line)
    if (read === undefined) {
      bad = badRecord(count, 'unreadable', undefined, 'is no chained event')
      break
    }
    bad = judge(count, read, runs, key)
    if (bad !== undefined) break
  }
  return {
    lines: count,
    runs: [...runs.values()].map(({ hash: _, ...run }) => run),
    bad,
  }
}

function judge(at: number, read: ReadLine, runs: Map<string, Run>, key: KeyObject): BadRecord | undefined {
  const { link, impersonal, personal } = read
  const run = runs.get(link.log)
  if (run !== undefined && link.n === run.last && link.hash === run.hash) return undefined
  if (run === undefined && link.n === 0 && link.prev !== firstDigest(link.log))
    return badRecord(at, 'changed', read, 'does not begin its run')
  if (run !== undefined && link.n > run.last + 1)
    return badRecord(at, 'missing', read, `${link.n - run.last - 1} events before it are missing`)
  if (run !== undefined && link.n <= run.last)
    return badRecord(at, 'out-of-place', read, `comes after event ${run.last} of its run`)
  if (run !== undefined && link.prev !== run.hash)
    return badRecord(at, 'changed', read, 'does not follow the event before it')
  if (lineDigest(link.prev, link.kept, impersonal) !== link.hash)
    return badRecord(at, 'changed', read, 'is not what was written')
  if (personal !== undefined && (link.salt === undefined || keptDigest(link.salt, personal) !== link.kept))
    return badRecord(at, 'personal-changed', read, 'names somebody else than was written')
  if (link.signature !== undefined && !isSigned(read, key))
    return badRecord(at, 'bad-signature', read, 'was not signed with this key')
  const signed = link.signature !== undefined
  if (run === undefined) {
    runs.set(link.log, {
      log: link.log,
      first: link.n,
      last: link.n,
      from: read.time,
      to: read.time,
      hash: link.hash,
      signatures: signed ? 1 : 0,
      unsigned: signed ? 0 : 1,
      erased: personal === undefined ? 1 : 0,
    })
    return undefined
  }
  run.last = link.n
  run.to = read.time
  run.hash = link.hash
  if (signed) run.signatures++
  run.unsigned = signed ? 0 : run.unsigned + 1
  if (personal === undefined) run.erased++
  return undefined
}

function isSigned({ link }: ReadLine, key: KeyObject): boolean {
  const signature = Buffer.from(link.signature ?? '', 'base64url')
  // The last character holds bits that a decoder passes over.
  if (signature.toString('base64url') !== link.signature) return false
  return verify(null, Buffer.from(signedText(link)), key, signature)
}

function badRecord(line: number, flaw: ChainFlaw, read: ReadLine | undefined, what: string): BadRecord {
  const name = read === undefined ? `line ${line}` : `event ${read.link.n} of run ${read.link.log}`
  return { line, flaw, log: read?.link.log, n: read?.link.n, message: `${name} ${what}` }
}
