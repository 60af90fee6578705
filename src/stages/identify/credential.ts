import type { Matched } from '../../kernel/facts.ts'
import type { Principal } from '../../kernel/principal.ts'
import type { Denial } from '../../kernel/verdict.ts'

/** One kind of credential, bound to what an operation accepts. One file a kind. */
export interface Credential {
  /**
   * The principal that the caller's credential of this kind proves, its refusal, or undefined where the caller
   * sent none of this kind. A refusal is final: no other kind, and no anonymous access, is tried after it.
   */
  read(matched: Matched): Principal | Denial | undefined | Promise<Principal | Denial>
}
