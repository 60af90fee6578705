/** What kind of attack a finding is about. */
export type InjectionClass =
  | 'sqli'
  | 'nosqli'
  | 'cmdi'
  | 'traversal'
  | 'ssti'
  | 'el'
  | 'xxe'
  | 'xss'
  | 'ldapi'
  | 'xpath'
  | 'crlf'
  | 'mail'
  | 'ssrf'
  | 'deserialisation'
  | 'code'
  | 'prototype'

/** Where in a request a text stood. */
export type TextPlace =
  | 'query'
  | 'path'
  | 'header'
  | 'cookie'
  | 'form'
  | 'name'
  | 'json-key'
  | 'json-string'
  | 'xml'
  | 'multipart'
  | 'text'

export interface TextContext {
  /** JSON pointer of the text: `/query/q`, `/body/items/0/name`. */
  readonly pointer: string
  readonly place: TextPlace
  /** The contract says that the text is a URL. */
  readonly urlTyped?: boolean
  /** The text names the page that the caller is on, which nobody requests: its own host is no target. */
  readonly page?: boolean
  /** The contract says that the text is a password: signs in any order are no attack yet. */
  readonly secret?: boolean
}

/** An attack that was found. Never carries the text itself. */
export interface InjectionFinding {
  /** Which detector: `sql.grammar`, `html.element`. */
  readonly detector: string
  readonly class: InjectionClass
  /** 0 to 1. */
  readonly confidence: number
  readonly pointer: string
  /** Characters of the text. */
  readonly length: number
  /** Keyed digest of the text, to tell repetitions; the key lives as long as the process. */
  readonly digest: string
}
