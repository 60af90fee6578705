/** How attacks in values are looked for. */
export interface InjectionConfig {
  readonly threshold: 'strict' | 'balanced' | 'lenient'
  /** Looks that a scan may take at each byte. */
  readonly effort: number
  /** Thresholds of single operations; the first that selects one counts. */
  readonly operations: readonly InjectionOperationConfig[]
  readonly exceptions: readonly InjectionExceptionConfig[]
}

export interface InjectionOperationConfig {
  readonly for: readonly string[]
  readonly threshold: 'strict' | 'balanced' | 'lenient'
  readonly pointer: string
}

/** A class of attacks that does not count at one place of the selected operations. */
export interface InjectionExceptionConfig {
  readonly for: readonly string[]
  /** JSON pointer into the request: `/body/comment`, `/query/q`, `/header/x-note`. */
  readonly place: string
  readonly class: InjectionClassName
  readonly reason: string
  readonly pointer: string
}

export type InjectionClassName = (typeof injectionClassNames)[number]

export const injectionClassNames = [
  'sqli',
  'nosqli',
  'cmdi',
  'traversal',
  'ssti',
  'el',
  'xxe',
  'xss',
  'ldapi',
  'xpath',
  'crlf',
  'mail',
  'ssrf',
  'deserialisation',
  'code',
  'prototype',
] as const
