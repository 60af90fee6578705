import type { Matched } from '../../kernel/facts.ts'
import type { Principal } from '../../kernel/principal.ts'
import { type Denial, deny, isDenied } from '../../kernel/verdict.ts'
import type { Identify } from '../../stages/identify/create-identify.ts'
import type { HoldList } from '../../stages/record/anomaly/hold-list.ts'

/**
 * Refuses callers whom a finding asks for more than they show: 401 `IDENTIFY_STEP_UP` until they authenticate anew (RFC
 * 9470), 401 `IDENTIFY_TOKEN_REVOKED` until they come with a credential that was issued since.
 */
export function withHolds(identify: Identify, holds: HoldList): Identify {
  function judge(matched: Matched, read: Principal | Denial): Principal | Denial {
    if (holds.size === 0 || isDenied(read)) return read
    for (const principal of [read, ...(read.beside ?? [])]) {
      const hold = holds.failed(principal, matched.time)
      if (hold === undefined) continue
      if (hold.response === 'revoke')
        return identify.challenge(
          matched,
          deny('IDENTIFY_TOKEN_REVOKED', 'identify.held', 'issued before a finding about its owner'),
        )
      const age = Math.max(0, Math.floor((matched.time - hold.since) / 1000))
      return identify.challenge(
        matched,
        deny('IDENTIFY_STEP_UP', 'identify.held', 'not authenticated since a finding'),
        `max_age="${age}"`,
      )
    }
    return read
  }

  return {
    ...identify,
    run(matched) {
      const read = identify.run(matched)
      return read instanceof Promise ? read.then((later) => judge(matched, later)) : judge(matched, read)
    },
  }
}
