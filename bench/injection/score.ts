import { foldOf, type Row, type Standing } from './cases.ts'

/** One decision about one carrier of one case. */
export interface Decision {
  readonly row: Row
  readonly standing: Standing
  readonly carrier: string
  readonly refused: boolean
  /** Refused for another reason than an attack: malformed, ambiguous, unsupported. */
  readonly otherwise: boolean
  /** Confidence of the surest finding where it is known. */
  readonly confidence?: number
  readonly milliseconds: number
}

export interface Rate {
  readonly key: string
  readonly n: number
  readonly families: number
  readonly rate: number
  readonly low: number
  readonly high: number
}

/** Rate of refusals with a 95 % interval by bootstrap over families. */
export function rateOf(key: string, decisions: readonly Decision[], rounds = 400): Rate {
  const families = new Map<string, [number, number]>()
  for (const { row, refused } of decisions) {
    const counts = families.get(row.family) ?? [0, 0]
    counts[0]++
    if (refused) counts[1]++
    families.set(row.family, counts)
  }
  const all = [...families.values()]
  const rate = share(all)
  const random = createRandom(decisions.length + 1)
  const samples: number[] = []
  for (let round = 0; round < rounds && all.length > 0; round++) {
    const sample = all.map(() => all[Math.floor(random() * all.length)] as [number, number])
    samples.push(share(sample))
  }
  samples.sort((a, b) => a - b)
  return {
    key,
    n: decisions.length,
    families: all.length,
    rate,
    low: samples[Math.floor(samples.length * 0.025)] ?? rate,
    high: samples[Math.floor(samples.length * 0.975)] ?? rate,
  }
}

function share(counts: readonly (readonly [number, number])[]): number {
  let n = 0
  let hit = 0
  for (const [all, some] of counts) {
    n += all
    hit += some
  }
  return n === 0 ? Number.NaN : hit / n
}

/** Small repeatable generator, so that two runs print the same intervals (mulberry32). */
function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

export function groupBy(
  decisions: readonly Decision[],
  keyOf: (decision: Decision) => string | undefined,
): Map<string, Decision[]> {
  const groups = new Map<string, Decision[]>()
  for (const decision of decisions) {
    const key = keyOf(decision)
    if (key === undefined) continue
    const group = groups.get(key) ?? []
    group.push(decision)
    groups.set(key, group)
  }
  return new Map([...groups].sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** Attack classes that the headline is averaged over. */
export const macroClasses: readonly string[] = [
  'sqli',
  'nosqli',
  'cmdi',
  'traversal',
  'xss',
  'xxe',
  'ssti',
  'ssrf',
  'ldapi',
]

export function macroRecall(decisions: readonly Decision[]): number {
  const groups = groupBy(decisions, ({ standing }) =>
    standing.kind === 'attack' && macroClasses.includes(standing.class) ? standing.class : undefined,
  )
  const rates = [...groups.values()].map((group) => group.filter((d) => d.refused).length / group.length)
  return rates.length === 0 ? Number.NaN : rates.reduce((a, b) => a + b, 0) / rates.length
}

/**
 * The threshold that keeps false positives on the training folds within `limit`, fitted without the fold that it is
 * judged on; recall and false positives there. What is fitted is the threshold alone: rules are written by hand, and
 * only fold 0, which nobody looked at while writing them, shows what they do on the unseen.
 */
export function heldOut(
  decisions: readonly Decision[],
  limit: number,
): { readonly recall: number; readonly falsePositives: number; readonly thresholds: readonly number[] } {
  const kept: Decision[] = []
  const benign: boolean[] = []
  const thresholds: number[] = []
  for (let fold = 0; fold < 5; fold++) {
    const train = decisions.filter(({ row }) => foldOf(row.family) !== fold)
    const test = decisions.filter(({ row }) => foldOf(row.family) === fold)
    let best = 0.95
    for (let threshold = 0.5; threshold < 0.95; threshold += 0.01) {
      const real = train.filter(({ standing }) => standing.kind === 'benign' && standing.set === 'real')
      const wrong = real.filter((d) => (d.confidence ?? 0) >= threshold).length
      if (wrong <= limit * real.length) {
        best = threshold
        break
      }
    }
    // Never below what the configuration calls balanced.
    best = Math.max(best, 0.7)
    thresholds.push(Number(best.toFixed(2)))
    for (const decision of test) {
      const refused = (decision.confidence ?? 0) >= best || decision.otherwise
      if (decision.standing.kind === 'attack') kept.push({ ...decision, refused })
      if (decision.standing.kind === 'benign' && decision.standing.set === 'real') benign.push(refused)
    }
  }
  return {
    recall: macroRecall(kept),
    falsePositives: benign.filter(Boolean).length / Math.max(1, benign.length),
    thresholds,
  }
}
