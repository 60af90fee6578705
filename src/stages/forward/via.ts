/** `Via` of one gateway (RFC 9110 section 7.6.3): a pseudonym, no host, no version. */
export interface Via {
  /** The value to send on, given what was received (all lines joined with `, `; empty for none). */
  value(received: string, protocol: string): string
  /** True where the pseudonym is in `received` more often than allowed. */
  isLoop(received: string): boolean
}

export function compileVia(pseudonym: string, maxLoops: number): Via {
  if (!/^[A-Za-z0-9._-]{1,64}$/.test(pseudonym))
    throw new TypeError('forward: a pseudonym is letters, digits, . _ -')
  const own = pseudonym.toLowerCase()
  return {
    value: (received, protocol) =>
      received === '' ? `${protocol} ${pseudonym}` : `${received}, ${protocol} ${pseudonym}`,
    isLoop(received) {
      if (received === '') return false
      let times = 0
      for (const entry of received.toLowerCase().split(','))
        if (entry.trim().split(/[ \t]+/)[1] === own) times++
      return times > maxLoops
    },
  }
}
