import type {
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
} from '@simplewebauthn/server'
import type { Refused, SignedIn, Visit } from './account.ts'

/** A passkey as its owner sees it. */
export interface PasskeyView {
  /** Credential id, base64url. */
  readonly id: string
  readonly name: string
  readonly created: number
  /** Milliseconds since the epoch; undefined while it was never used. */
  readonly lastUsed: number | undefined
  /** True where it is synced among devices. */
  readonly synced: boolean
}

/**
 * Passkeys (WebAuthn level 3), user verification always required: one is two factors by itself, and serves as second
 * factor after the password. Options are JSON for `PublicKeyCredential.parse…FromJSON`, responses what `toJSON` gives.
 * Challenges live 5 min and work once.
 */
export interface Passkeys {
  /** The caller has proven a fresh sign-in. Refused where the account is gone or holds twenty. */
  beginRegistration(sub: string): Promise<PublicKeyCredentialCreationOptionsJSON | Refused>
  finishRegistration(
    sub: string,
    response: unknown,
    name: string,
    visit: Visit,
  ): Promise<PasskeyView | Refused>
  /** With `sub` for the second factor; without, any passkey that the browser holds for this server. */
  beginSignIn(sub: string | undefined): Promise<PublicKeyCredentialRequestOptionsJSON>
  /** `sub` as given to `beginSignIn`. Refused with `credentials` whatever was wrong. */
  finishSignIn(sub: string | undefined, response: unknown, visit: Visit): Promise<SignedIn | Refused>
  list(sub: string): Promise<readonly PasskeyView[]>
  /** Refused with `password-too-short` where it is the last second factor and the password may not stand alone. */
  remove(sub: string, id: string, visit: Visit): Promise<undefined | Refused>
}
