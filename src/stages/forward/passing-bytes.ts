import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Octets of streamed bodies between two collections. */
const EVERY = 16_777_216

type Collect = (options: { readonly type: 'minor' }) => void

/**
 * Keeps the memory of streamed bodies small. Each chunk is garbage a moment after it arrived, but V8 lets some
 * 64 MB of such buffers gather before it looks: a collection of the young generation alone (well under a
 * millisecond) every 16 MB of passing octets frees them. Calls without streamed bodies never come here.
 */
class PassingBytes {
  #since = 0
  #collect: Collect | undefined

  add(octets: number): void {
    this.#since += octets
    if (this.#since < EVERY) return
    this.#since = 0
    this.#collect ??= findCollector()
    this.#collect({ type: 'minor' })
  }
}

/** `gc` exists in contexts made after the flag is set; nothing else is switched on by it. */
function findCollector(): Collect {
  setFlagsFromString('--expose-gc')
  const found: unknown = runInNewContext('gc')
  setFlagsFromString('--no-expose-gc')
  return typeof found === 'function' ? (found as Collect) : () => {}
}

export const passingBytes: PassingBytes = new PassingBytes()
