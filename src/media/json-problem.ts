/** Bounds of one JSON text. */
export interface JsonLimits {
  /** Nested arrays and objects. */
  readonly depth: number
  /** Members of all objects together, and elements of all arrays together. */
  readonly members: number
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
