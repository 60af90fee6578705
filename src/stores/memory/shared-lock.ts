/** Words of one lock: its owner, and how many wait. */
export const lockWords = 2

const spins = 200
const napMs = 2
/** Nobody holds a lock for a millionth of this: who does has died in it. */
const deadMs = 1_000

/**
 * A lock in shared memory, held for a microsecond at a time. Who finds it taken tries again for a moment, then sleeps.
 * An owner that dies inside does not keep it: whoever ends threads calls `leave` for it, and after a second it is taken away.
 */
export class SharedLock {
  readonly #words: Int32Array
  readonly #owner: number

  /** `owner`: of this thread, not 0, never used twice. */
  constructor(buffer: SharedArrayBuffer, index: number, owner: number) {
    this.#words = new Int32Array(buffer, index * lockWords * 4, lockWords)
    this.#owner = owner
  }

  acquire(): void {
    if (Atomics.compareExchange(this.#words, 0, 0, this.#owner) !== 0) this.#wait()
  }

  release(): void {
    // Not by force: who was so slow that the lock was taken from them does not open it for the next.
    Atomics.compareExchange(this.#words, 0, this.#owner, 0)
    if (Atomics.load(this.#words, 1) > 0) Atomics.notify(this.#words, 0, 1)
  }

  #wait(): void {
    const words = this.#words
    for (let i = 0; i < spins; i++)
      if (Atomics.load(words, 0) === 0 && Atomics.compareExchange(words, 0, 0, this.#owner) === 0) return
    Atomics.add(words, 1, 1)
    const since = performance.now()
    for (;;) {
      const holder = Atomics.compareExchange(words, 0, 0, this.#owner)
      if (holder === 0) break
      if (performance.now() - since > deadMs) {
        if (Atomics.compareExchange(words, 0, holder, this.#owner) === holder) break
        continue
      }
      Atomics.wait(words, 0, holder, napMs)
    }
    Atomics.sub(words, 1, 1)
  }
}

/** Opens every lock of a buffer that a thread held when it died. */
export function leaveLocks(buffer: SharedArrayBuffer, owner: number): void {
  const words = new Int32Array(buffer)
  for (let at = 0; at < words.length; at += lockWords)
    if (Atomics.compareExchange(words, at, owner, 0) === owner) Atomics.notify(words, at)
}
