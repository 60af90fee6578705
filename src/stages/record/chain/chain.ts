import { type KeyObject, randomBytes, sign } from 'node:crypto'
import type { AuditEvent } from '../../../kernel/event.ts'
import {
  firstDigest,
  halvesOf,
  joinLine,
  keptDigest,
  type Link,
  lineDigest,
  linkText,
  signedText,
} from './chained-line.ts'

export interface ChainOptions {
  /** Ed25519 private key that signs checkpoints. */
  readonly key: KeyObject
  /** Lines from one signature to the next. */
  readonly signEvery?: number
  /** The next line is signed once the last signature is this old. */
  readonly signEveryMs?: number
}

/** Ties every line of one run of the gateway to those before it. */
export interface Chain {
  /** Names this run. */
  readonly log: string
  /** The event as its line, without line end. `last`: nothing follows, so it is signed. */
  line(event: AuditEvent, last?: boolean): string
}

/** Bytes of salt drawn from the system at once. */
const saltPool = 16 * 256

/** Starts the chain of a run. */
export function createChain(options: ChainOptions): Chain {
  const { key, signEvery = 1_000, signEveryMs = 60_000 } = options
  const log = randomBytes(9).toString('base64url')
  let prev = firstDigest(log)
  let n = 0
  let unsigned = signEvery
  let signedAt = 0
  let salts = randomBytes(saltPool)
  let drawn = 0

  function salt(): string {
    if (drawn === saltPool) {
      salts = randomBytes(saltPool)
      drawn = 0
    }
    drawn += 16
    return salts.toString('base64url', drawn - 16, drawn)
  }

  return {
    log,
    line(event, last = false) {
      const { impersonal, personal } = halvesOf(event)
      const own = salt()
      const kept = keptDigest(own, personal)
      const digest = lineDigest(prev, kept, impersonal)
      const link: Link = { log, n, prev, salt: own, kept, hash: digest }
      const due = last || ++unsigned >= signEvery || event.time - signedAt >= signEveryMs
      if (due) {
        unsigned = 0
        signedAt = event.time
      }
      prev = digest
      n++
      const chain = linkText(due ? { ...link, signature: signed(key, link) } : link)
      return joinLine(impersonal, personal, chain)
    },
  }
}

function signed(key: KeyObject, link: Link): string {
  return sign(null, Buffer.from(signedText(link)), key).toString('base64url')
}
