import type { KeySet } from '../../../crypto/key-set.ts'
import type { Clock } from '../../../kernel/clock.ts'
import { agingIn, type KeySource } from './key-source.ts'

/** Reads a key set; `unchanged` where the source can tell that it is the same as before. Rejects where it cannot. */
export type LoadKeys = () => Promise<KeySet | 'unchanged'>

export interface RenewedKeysOptions {
  readonly load: LoadKeys
  /** Keys read at start, where that can be done at once. */
  readonly initial?: KeySet
  readonly clock: Clock
  /** Background renewal: a removed key stops, and a new one works, within this. */
  readonly freshMs: number
  /** How long keys serve while renewing fails. */
  readonly staleMs: number
  /** Least time between attempts that tokens ask for. */
  readonly cooldownMs: number
  /** First delay after a failure; doubles up to `freshMs`. */
  readonly retryMs?: number
  /** Called when the keys have changed: what was verified with the old ones must be looked at again. */
  readonly onChange: () => void
}

/**
 * Keys that are renewed in the background, one attempt at a time. Tokens with an unknown `kid` may hasten an
 * attempt, but not more often than the cool-down allows. While renewing fails the last keys serve until they are
 * stale; then there are none, and every token is refused.
 */
export function createRenewedKeys(options: RenewedKeysOptions): KeySource {
  const { clock, load, freshMs, staleMs, cooldownMs, retryMs = 5000, onChange } = options
  let set = options.initial
  let confirmedAt = set === undefined ? Number.NEGATIVE_INFINITY : clock.monotonic()
  let attemptedAt = Number.NEGATIVE_INFINITY
  let failures = 0
  let failing: string | undefined
  let running: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined
  let closed = false

  const usable = (): KeySet | undefined => (clock.monotonic() - confirmedAt <= staleMs ? set : undefined)

  async function attempt(): Promise<void> {
    try {
      const loaded = await load()
      if (closed) return
      confirmedAt = clock.monotonic()
      failures = 0
      failing = undefined
      if (loaded === 'unchanged') return
      const changed = set !== undefined && printsOf(set) !== printsOf(loaded)
      set = loaded
      if (changed) onChange()
    } catch (error) {
      failures++
      failing = error instanceof Error ? error.message : 'unknown'
    } finally {
      running = undefined
      schedule(failures === 0 ? freshMs : Math.min(freshMs, retryMs * 2 ** Math.min(failures - 1, 10)))
    }
  }

  function start(): Promise<void> {
    attemptedAt = clock.monotonic()
    clearTimeout(timer)
    running = attempt()
    return running
  }

  function schedule(delay: number): void {
    if (closed) return
    clearTimeout(timer)
    timer = setTimeout(() => void (running ?? start()), delay).unref()
  }

  if (set === undefined) void start()
  else schedule(freshMs)

  return {
    current: usable,
    renew() {
      if (running !== undefined) return running
      const wait = usable() === undefined ? Math.min(retryMs, cooldownMs) : cooldownMs
      if (closed || clock.monotonic() - attemptedAt < wait) return undefined
      return start()
    },
    health: () => ({
      keys: usable()?.keys.length ?? 0,
      ageMs: set === undefined ? undefined : clock.monotonic() - confirmedAt,
      failing,
      problems: set?.problems ?? [],
      aging: agingIn(usable()),
    }),
    close() {
      closed = true
      clearTimeout(timer)
    },
  }
}

function printsOf(set: KeySet): string {
  return set.keys
    .map((key) => key.print)
    .sort()
    .join()
}
