import type { Finding, Place } from '../kernel/finding.ts'
import type { Config } from './config.ts'

/** A configuration file that was read and found consistent. */
export interface LoadedConfig {
  /** Absolute name of the file. */
  readonly file: string
  readonly config: Config
  /** Absolute names of every file it depends on: itself, contracts, keys, certificates, `${file:…}`. */
  readonly files: readonly string[]
  /** Warnings and open doors; errors never get this far. */
  readonly findings: readonly Finding[]
  /** Where the value at a JSON pointer stands in the file; the nearest ancestor where it is not written. */
  place(pointer: string): Place
}
