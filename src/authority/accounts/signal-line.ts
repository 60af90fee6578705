import type { NumberedSignal, Signal, SignalRepository } from '../../repositories/account-signals.ts'
import type { AccountHooks } from './options.ts'

/** Tells every process that sessions of a person ended. */
export interface SignalLine {
  /** Stores the signal and runs the hooks here; rejects where either fails. */
  announce(signal: Signal): Promise<void>
  close(): void
}

export interface SignalLineOptions {
  readonly signals: SignalRepository
  readonly hooks: AccountHooks | undefined
  /** 0: look for nothing. */
  readonly pollMs: number
}

const mostAgain = 1_000

export function createSignalLine(options: SignalLineOptions): SignalLine {
  const { signals, hooks } = options
  /** Signals that this process has acted on already, newer than `seen`. */
  const done = new Set<number>()
  /** Signals whose hook failed. */
  const again: NumberedSignal[] = []
  let seen: number | undefined
  let marked = 0
  let looking = false

  async function act(signal: Signal): Promise<void> {
    if (signal.kind === 'signed-out') await hooks?.onSignOut(signal.sub, signal.session)
    else if (signal.kind === 'session-ended') await hooks?.onSessionEnd(signal.sub, signal.session ?? '')
    else await hooks?.onDisabled(signal.sub)
  }

  async function look(): Promise<void> {
    if (looking) return
    looking = true
    try {
      // Where nobody ran meanwhile, what a command asked for is done now.
      seen ??= await signals.acted()
      for (const signal of again.splice(0)) await tryToAct(signal)
      const found = await signals.after(seen)
      for (const signal of found) {
        seen = signal.seq
        if (!done.delete(signal.seq)) await tryToAct(signal)
      }
      if (again.length === 0 && seen > marked) {
        await signals.markActed(seen)
        marked = seen
      }
    } catch {
      // The store failed: the same signals come again with the next look.
    } finally {
      looking = false
    }
  }

  async function tryToAct(signal: NumberedSignal): Promise<void> {
    try {
      await act(signal)
    } catch {
      if (again.length < mostAgain) again.push(signal)
    }
  }

  const timer = options.pollMs > 0 && hooks !== undefined ? setInterval(look, options.pollMs) : undefined
  timer?.unref()
  if (timer !== undefined) void look()

  return {
    async announce(signal) {
      const seq = await signals.put(signal)
      await act(signal)
      if (timer !== undefined) done.add(seq)
    },
    close: () => clearInterval(timer),
  }
}
