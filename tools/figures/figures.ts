import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os'
import { join } from 'node:path'
import { formatTable } from '../../bench/table.ts'

/** What one campaign found, as it is kept in `docs/figures/` and shown in `docs/assurance.md`. */
export interface Figures {
  readonly title: string
  /** What was to be shown. */
  readonly claim: string
  readonly command: string
  /** ISO time at which it ended. */
  readonly date: string
  readonly machine: string
  /** Load average of the machine (1 minute) before and after: above the cores, times mean little. */
  readonly load: readonly [before: number, after: number]
  readonly held: boolean
  /** Titles of the columns, then the rows. */
  readonly table: readonly (readonly string[])[]
  /** What the table does not say. */
  readonly notes: readonly string[]
}

export const figuresFolder: string = join(import.meta.dirname, '..', '..', 'docs', 'figures')

export type Campaign = 'chaos' | 'differential' | 'soak' | 'limiter' | 'kill'

/** Begins a campaign; `end` prints its table, keeps it, and sets the exit code where it did not hold. */
export function beginCampaign(
  name: Campaign,
  about: Pick<Figures, 'title' | 'claim' | 'command'>,
): { end(found: Pick<Figures, 'held' | 'table' | 'notes'>): void } {
  const before = loadNow()
  return {
    end(found) {
      const figures: Figures = {
        ...about,
        date: new Date().toISOString(),
        machine: `${availableParallelism()} cores (${cpus()[0]?.model.trim() ?? 'unknown'}), ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform}, Node ${process.versions.node}`,
        load: [before, loadNow()],
        ...found,
      }
      console.log(`${formatTable(figures.table)}\n`)
      for (const note of figures.notes) console.log(note)
      console.log(`${figures.claim}: ${figures.held ? 'held' : 'DID NOT HOLD'}`)
      mkdirSync(figuresFolder, { recursive: true })
      writeFileSync(join(figuresFolder, `${name}.json`), `${JSON.stringify(figures, null, 2)}\n`)
      if (!figures.held) process.exitCode = 1
    },
  }
}

/** Undefined where the campaign was never run. */
export function readFigures(name: Campaign): Figures | undefined {
  try {
    return JSON.parse(readFileSync(join(figuresFolder, `${name}.json`), 'utf8')) as Figures
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

function loadNow(): number {
  return Math.round((loadavg()[0] ?? 0) * 10) / 10
}
