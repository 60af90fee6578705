/**
 * Lets one pass in each turn of the event loop, and one in each 2 ms while others wait: an embedded database answers
 * without giving the loop back, so that a thousand at once would hold up every call until the last one is through. No
 * machine hashes more passwords in that time than are let through.
 */
export function createTurnstile(paceMs = 2): () => Promise<void> {
  const waiting: (() => void)[] = []
  let isOpen = true

  function turn(): void {
    const next = waiting.shift()
    isOpen = next === undefined
    if (next === undefined) return
    setTimeout(turn, paceMs)
    next()
  }

  return async () => {
    if (!isOpen) return new Promise((resolve) => waiting.push(resolve))
    isOpen = false
    setImmediate(turn)
  }
}
