import type { Place } from '../../kernel/finding.ts'

/** Whether and by what one control guards one operation. */
export interface CoverageCell {
  readonly state: 'guarded' | 'watched' | 'open' | 'none'
  /** What guards it, in a few words. */
  readonly by: string
  /** Where the rules are written: in `sallyport.yaml`, or as `x-sallyport` in the contract. */
  readonly at?: readonly Place[]
}

export const coverageColumns = [
  'authentication',
  'scope',
  'function',
  'object',
  'property-read',
  'property-write',
  'flow',
  'limit',
  'validation',
  'injection',
  'reply',
  'content',
] as const

export type CoverageColumn = (typeof coverageColumns)[number]

export interface CoverageRow {
  readonly api: string
  readonly operation: string
  readonly method: string
  readonly template: string
  readonly cells: Readonly<Record<CoverageColumn, CoverageCell>>
}

/** A cell that nothing guards. */
export interface OpenOperation {
  readonly api: string
  readonly operation: string
  readonly method: string
  readonly template: string
  readonly control: CoverageColumn
  readonly why: string
  /** 0–100; the higher the worse. */
  readonly weight: number
  /** What to write. */
  readonly add: string
}

/** Operations × controls. */
export interface CoverageTable {
  readonly columns: readonly CoverageColumn[]
  readonly rows: readonly CoverageRow[]
  /** Worst first. */
  readonly open: readonly OpenOperation[]
}
