import { randomBytes, timingSafeEqual } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { createHashWorkers } from './hash-workers.ts'
import { type Argon2Cost, parsePhc, printPhc } from './phc.ts'
import { createWorkQueue } from './work-queue.ts'

/** OWASP's least for argon2id: 19 MiB, two passes, one lane. */
export const argon2Cost: Argon2Cost = { memory: 19_456, passes: 2, parallelism: 1 }

export interface PasswordHasherOptions {
  readonly cost?: Argon2Cost
  /** Hashes at once. Half of the cores by default, so that calls keep the other half. */
  readonly concurrency?: number
  /** Hashes that may wait; beyond, the answer is `undefined`. */
  readonly places?: number
  readonly longestWaitMs?: number
}

/** argon2id on threads of its own, below the priority of the loop. Every answer may be `undefined`: too many hashes wait already. */
export interface PasswordHasher {
  /** PHC string under a fresh salt of 16 bytes. `password` is normalised. `urgent` goes before the others. */
  hash(password: string, urgent?: boolean): Promise<string | undefined>
  /** Whether the password is the one of the PHC string. */
  verify(password: string, phc: string, urgent?: boolean): Promise<boolean | undefined>
  /** Whether a hash is weaker than those made now. */
  isWeak(phc: string): boolean
  /** A hash of nothing, which no password matches and costs as much as any. */
  readonly decoy: string
  close(): Promise<void>
}

const saltBytes = 16
const hashBytes = 32

export function createPasswordHasher(options: PasswordHasherOptions = {}): PasswordHasher {
  const cost = options.cost ?? argon2Cost
  const queue = createWorkQueue({
    concurrency: options.concurrency ?? Math.max(1, Math.floor(availableParallelism() / 2)),
    places: options.places ?? 256,
    longestWaitMs: options.longestWaitMs ?? 15_000,
    now: () => performance.now(),
  })
  const workers = createHashWorkers()
  const compute = (
    message: string,
    { salt, parallelism, memory, passes }: Argon2Cost & { readonly salt: Uint8Array },
    tagLength: number,
  ): Promise<Buffer> => workers.run({ message, nonce: salt, parallelism, memory, passes, tagLength })
  return {
    async hash(password, urgent) {
      const salt = randomBytes(saltBytes)
      const value = await queue.run(() => compute(password, { ...cost, salt }, hashBytes), urgent)
      return value && printPhc({ ...cost, salt, value })
    },
    async verify(password, phc, urgent) {
      const stored = parsePhc(phc)
      if (stored === undefined) throw new Error('a stored password hash cannot be read')
      const value = await queue.run(() => compute(password, stored, stored.value.length), urgent)
      return value && timingSafeEqual(value, stored.value)
    },
    isWeak(phc) {
      const stored = parsePhc(phc)
      return (
        stored === undefined ||
        stored.memory < cost.memory ||
        stored.passes < cost.passes ||
        stored.salt.length < saltBytes ||
        stored.value.length < hashBytes
      )
    },
    decoy: printPhc({ ...cost, salt: randomBytes(saltBytes), value: randomBytes(hashBytes) }),
    close: () => workers.close(),
  }
}
