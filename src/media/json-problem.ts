/** Bounds of one JSON text. */
export interface JsonLimits {
  /** Nested arrays and objects. */
  readonly depth: number
  /** Members of all objects together, and elements of all arrays together. */
  readonly members: number
  /** Members of one object. */
  readonly keys?: number
  /** Elements of one array. */
  readonly items?: number
  /** UTF-16 units of one string as written, names too. */
  readonly string?: number
  /** Characters of one number as written. */
  readonly digits?: number
}

/** Why a text was refused: fixed words, no input. */
export type JsonProblem =
  | 'encoding'
  | 'byte order mark'
  | 'syntax'
  | 'too deep'
  | 'too many members'
  | 'duplicate key'
  | 'reserved key'
  | 'lone surrogate'
  | 'number out of range'
  | 'too many keys'
  | 'too many elements'
  | 'string too long'
  | 'number too long'
