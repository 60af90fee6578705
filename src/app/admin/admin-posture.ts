import type { Posture } from '../../admin/contract.ts'
import type { CoverageTable } from '../policy/coverage-table.ts'

/** How much of what should be guarded is. What is only watched counts half. */
export function postureOf({ rows, columns }: CoverageTable): Posture {
  const count = { guarded: 0, watched: 0, open: 0, none: 0 }
  for (const { cells } of rows) for (const column of columns) count[cells[column].state]++
  const all = count.guarded + count.watched + count.open
  return {
    score: all === 0 ? 100 : Math.round((100 * (count.guarded + count.watched / 2)) / all),
    enforced: count.guarded,
    observed: count.watched,
    missing: count.open,
  }
}
