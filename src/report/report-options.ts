export const reportFormats = ['text', 'json', 'sarif', 'junit'] as const

export type ReportFormat = (typeof reportFormats)[number]

export interface ReportOptions {
  /** Escape sequences for colour; off by default. */
  readonly colour?: boolean
  /** Folder that file names are shown relative to; the working directory by default. */
  readonly base?: string
  /** Text of a file for excerpts; by default it is read from disk. */
  readonly source?: (file: string) => string | undefined
  /** Version of the tool, for SARIF. */
  readonly version?: string
}
