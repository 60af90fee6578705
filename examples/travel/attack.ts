import type { ProblemCode } from '../../src/kernel/problem.ts'
import type { Scene } from './scene.ts'

export interface AttackRequest {
  readonly method: string
  /** Path and query, sent exactly as written: no dot is resolved, nothing is encoded. */
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  /** An object is sent as JSON, a string as it is with the media type of JSON. */
  readonly body?: object | string
}

export interface AttackReply {
  readonly status: number
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
}

/** One attack on the travel API. */
export interface Attack {
  readonly name: string
  /** `API1:2023` … */
  readonly owasp: string
  /** The requests in order; the last one's reply is the one that counts. */
  requests(scene: Scene): readonly AttackRequest[]
  /** All are sent at once; a refusal counts, where there is one. */
  readonly atOnce?: boolean
  /** True when the reply shows that the attack worked. */
  evidence(reply: AttackReply): boolean
  /** What the gate answers to the last request. No code: a cleaned reply. */
  readonly gate: {
    readonly status: number
    readonly code?: ProblemCode
    /** Requests that the upstream sees all the same: what is read to learn whose the object is. */
    readonly reads?: number
  }
}

/** `Authorization: Bearer …`. */
export function bearer(token: string): Readonly<Record<string, string>> {
  return { authorization: `Bearer ${token}` }
}

/** A token that nobody signed (`alg: none`). */
export function unsigned(claims: object): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  return `${part({ alg: 'none', typ: 'at+jwt' })}.${part(claims)}.`
}
