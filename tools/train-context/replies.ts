import { type ContextRow, sourceOf } from './rows.ts'

/** An honest reply: strings of one domain, of a size between half a KB and 64. */
export interface HonestReply {
  readonly domain: string
  readonly leaves: readonly ContextRow[]
  /** Characters of all strings. */
  readonly length: number
}

export const smallest = 512
export const largest = 65_536

/**
 * Replies as an API makes them: rows of one domain in random order until the size is reached, each once. Domains weigh as they
 * have rows; sizes are log-uniform, unless one is given.
 */
export function makeReplies(
  traffic: readonly ContextRow[],
  count: number,
  random: () => number,
  size?: number,
): HonestReply[] {
  if (traffic.length === 0) return []
  const domains = Map.groupBy(traffic, sourceOf)
  return Array.from({ length: count }, () => {
    const domain = sourceOf(pick(traffic, random))
    const wanted = size ?? smallest * (largest / smallest) ** random()
    const of = domains.get(domain) ?? []
    const leaves: ContextRow[] = []
    let length = 0
    for (const n of someOf(of.length, random)) {
      if (leaves.length > 0 && length >= wanted) break
      const row = of[n] as ContextRow
      leaves.push(row)
      length += row.text.length
    }
    return { domain, leaves, length }
  })
}

export function pick<T>(values: readonly T[], random: () => number): T {
  return values[Math.floor(random() * values.length)] as T
}

/** The numbers below `count` in random order. */
function* someOf(count: number, random: () => number): Generator<number> {
  const numbers = Array.from({ length: count }, (_, n) => n)
  for (let left = count; left > 0; left--) {
    const at = Math.floor(random() * left)
    yield numbers[at] as number
    numbers[at] = numbers[left - 1] as number
  }
}
