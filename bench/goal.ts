import type { Measured } from './measure.ts'

/** A promise about speed: CPU of one subject as a multiple of another's in the same run. */
interface Goal {
  readonly subject: string
  readonly beside: string
  readonly atMost: number
}

const goals: readonly Goal[] = [
  { subject: 'sallyport', beside: 'haproxy-jwt', atMost: 1.3 },
  { subject: 'sallyport', beside: 'modsecurity', atMost: 0.1 },
  { subject: 'sallyport', beside: 'fastify-http-proxy', atMost: 1 },
]

/** One line for each goal and scenario whose two sides were measured. */
export function judgeGoals(rowsOf: ReadonlyMap<string, readonly Measured[]>): readonly (readonly string[])[] {
  const lines: string[][] = []
  for (const { subject, beside, atMost } of goals)
    for (const row of rowsOf.get(subject) ?? []) {
      const other = rowsOf.get(beside)?.find(({ scenario }) => scenario === row.scenario)
      if (other === undefined) continue
      const ratio = row.cpu / other.cpu
      const verdict = ratio <= atMost ? 'reached' : 'missed'
      lines.push([`${subject} / ${beside}, ${row.scenario}`, ratio.toFixed(2), `≤ ${atMost}`, verdict])
    }
  return lines
}
