import type { Matched } from '../../kernel/facts.ts'
import type { Principal } from '../../kernel/principal.ts'
import { type Denial, isDenied } from '../../kernel/verdict.ts'
import type { Credential } from './credential.ts'
import { credentialRequired } from './denials.ts'
import { isSatisfied, type Plan } from './plan.ts'

/**
 * Credentials of several kinds at one operation (OpenAPI, Security Requirement Object): all that the caller sent must
 * be good, and together they must satisfy an alternative. The first that is proven is who is calling, so tokens,
 * which speak for a user, come first; the others stand beside it.
 *
 * `sent` are those that a caller chooses to send. `ambient` are those of the connection: looked at only where the
 * others do not suffice, since a client certificate is shown whatever the call.
 */
export function createSeveralCredentials(
  plan: Plan,
  sent: readonly Credential[],
  ambient: readonly Credential[],
): Credential {
  type Outcome = Principal | Denial | undefined

  function collect(matched: Matched, from: number, proven: readonly Principal[]): Outcome | Promise<Outcome> {
    for (let i = from; i < sent.length + ambient.length; i++) {
      if (i === sent.length && proven.length > 0 && isSatisfied(plan, proven)) break
      const outcome = (sent[i] ?? ambient[i - sent.length])?.read(matched)
      if (outcome instanceof Promise)
        return outcome.then((later) =>
          isDenied(later)
            ? later
            : collect(matched, i + 1, later === undefined ? proven : [...proven, later]),
        )
      if (outcome === undefined) continue
      if (isDenied(outcome)) return outcome
      proven = [...proven, outcome]
    }
    const [first, ...beside] = proven
    if (first === undefined) return undefined
    if (!isSatisfied(plan, proven)) return credentialRequired('another credential is needed as well')
    return beside.length === 0 ? first : { ...first, beside }
  }

  return {
    read(matched) {
      const outcome = collect(matched, 0, [])
      return outcome instanceof Promise
        ? outcome.then((later) => later ?? credentialRequired('no credential was sent'))
        : outcome
    },
  }
}
