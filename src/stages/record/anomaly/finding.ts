/** What was noticed. */
export const anomalyKinds = [
  /** Many failed sign-ins from one address. */
  'sign-in-spike',
  /** One account tried from several addresses. */
  'account-attack',
  /** Failed sign-ins all over, far above what this hour is used to. */
  'stuffing',
  /** One address asks for many endpoints that do not exist. */
  'endpoint-spray',
  /** One caller is refused one object after the other. */
  'object-enumeration',
  /** One caller touches far more objects of a type than it or others ever did. */
  'object-harvest',
  /** One caller takes away far more bytes than it or others ever did. */
  'exfiltration',
  /** One credential is used from places that cannot be one person's. */
  'shared-credential',
  /** One caller's requests are refused for their form or for attacks in them again and again. */
  'probing',
  /** A reply held instructions to AI agents. */
  'context-injection',
] as const
export type AnomalyKind = (typeof anomalyKinds)[number]

/** Whom a finding is about. */
export interface AnomalySubject {
  readonly kind: 'principal' | 'address' | 'credential' | 'account' | 'everyone' | 'operation'
  /** Issuer and subject, an address, a digest, API and operation. */
  readonly key: string
}

/** One finding, with what it rests on. Holds no path and no value of a call. */
export interface AnomalyFinding {
  readonly id: string
  /** Milliseconds since the epoch. */
  readonly time: number
  readonly kind: AnomalyKind
  readonly subject: AnomalySubject
  /** 0 to 1: how far beyond the threshold. */
  readonly score: number
  /** One sentence for people. */
  readonly summary: string
  readonly evidence: Readonly<Record<string, number | string>>
  /** Request ids of calls that made it, the last ones. */
  readonly events: readonly string[]
}
