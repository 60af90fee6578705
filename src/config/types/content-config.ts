import type { Mode } from '../../kernel/mode.ts'

/** What kind of text the replies of operations hold. */
export interface ContentConfig {
  readonly for: readonly string[]
  readonly trust: 'trusted' | 'internal' | 'user-generated' | 'external'
  readonly mode: 'observe' | 'mark' | 'redact' | 'block'
  readonly hosts: readonly string[]
  readonly envelope: boolean
  /** `full`: streams are read whole before a byte of them leaves. */
  readonly buffer: 'full' | undefined
  /** Key under `detectors:`. */
  readonly detector: string | undefined
  readonly pointer: string
}

export interface SecretsConfig {
  readonly action: 'redact' | 'block'
  readonly kinds: readonly (
    | 'private-key'
    | 'cloud-key'
    | 'token'
    | 'connection-string'
    | 'card-number'
    | 'iban'
    | 'national-id'
  )[]
  /** Selectors. */
  readonly except: readonly string[]
  readonly pointer: string
}

export interface TaintConfig {
  readonly mode: Mode
  readonly approval: string | undefined
  readonly per: 'caller' | 'session'
  readonly expiry: number
  readonly pointer: string
}

/** Another detector of instructions, behind HTTP. */
export interface DetectorConfig {
  readonly name: string
  readonly kind: 'http' | 'azure-prompt-shields'
  readonly url: string
  readonly key: string | undefined
  /** Milliseconds. */
  readonly deadline: number
  readonly onFault: 'open' | 'closed'
  readonly pointer: string
}
