import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { isSameSecret } from '../../../crypto/same-secret.ts'
import type { Sealer } from '../../../crypto/sealer.ts'
import type { Clock } from '../../../kernel/clock.ts'
import type { Cookies } from './cookies.ts'

/** Pages that a fresh sign-in goes back to. A closed list: no address from outside is ever followed. */
const destinations = ['profile', 'security', 'sessions', 'grants', 'passkey'] as const
export type Destination = (typeof destinations)[number]

/** What the pages know of a browser between two requests. Sealed in a cookie: nobody can read or make one. */
export interface BrowserState {
  /** 128 bits; new at login and at step-up. Proofs of forms are bound to it. */
  readonly id: string
  /** Milliseconds since the epoch. */
  readonly until: number
  /** The password was right, the second factor is awaited; counts at `place` alone. */
  readonly halfway?: {
    readonly place: string
    readonly sub: string
    readonly until: number
    readonly remember: boolean
    readonly factors: readonly string[]
  }
  /** The token of a mail's link, kept here so that it leaves the address bar. */
  readonly link?: { readonly purpose: LinkPurpose; readonly token: string }
  /** The interaction that this browser came from last, to go on with it after a mail. */
  readonly interaction?: string
  /** Where a fresh sign-in leads. */
  readonly then?: Destination
  /** Said once on the next page: a key of the pages' own sentences. */
  readonly said?: Said
}

export type LinkPurpose = 'verify' | 'reset' | 'set-up'
export type Said = 'password' | 'ended' | 'revoked' | 'removed'

export interface BrowserStates {
  read(request: IncomingMessage): BrowserState
  write(response: ServerResponse, state: BrowserState): void
  /** Proof that a form for `scope` was made by this server for this browser. */
  proof(state: BrowserState, scope: string): string
  isProof(state: BrowserState, scope: string, given: string): boolean
}

const name = 'sallyport-pages'
const lifetimeMs = 60 * 60_000

export function createBrowserStates(sealer: Sealer, cookies: Cookies, clock: Clock): BrowserStates {
  const proof = (state: BrowserState, scope: string): string =>
    sealer.digest(state.id, `authority form ${scope}`)
  return {
    read(request) {
      const sealed = cookies.read(request, name)
      const text = sealed === undefined || sealed.length > 4_000 ? undefined : sealer.open(sealed, name)
      // What opens was sealed by `write`: its shape is known.
      const state = text === undefined ? undefined : (JSON.parse(text) as BrowserState)
      return state !== undefined && state.until > clock.now() ? state : freshState(clock)
    },
    write(response, state) {
      const text = JSON.stringify({ ...state, until: clock.now() + lifetimeMs })
      cookies.write(response, name, sealer.seal(text, name))
    },
    proof,
    isProof: (state, scope, given) => isSameSecret(given, proof(state, scope)),
  }
}

/** A browser of which nothing is known. */
function freshState(clock: Clock): BrowserState {
  return { id: newStateId(), until: clock.now() + lifetimeMs }
}

export function newStateId(): string {
  return randomBytes(16).toString('base64url')
}
