import { systemClock } from '../../kernel/clock.ts'
import type { LedgerStore } from '../../kernel/ledger-store.ts'
import { networkOf } from '../../kernel/network-of.ts'
import { createKeyDirectory, type KeyDirectory } from '../../stages/identify/api-key/key-directory.ts'
import { createFailureBudget, type FailureBudget } from '../../stages/identify/failure-budget.ts'
import { createRevocationList, type RevocationList } from '../../stages/identify/revocation-list.ts'
import type { HoldList } from '../../stages/record/anomaly/hold-list.ts'
import type { Log } from '../../stages/record/log.ts'
import type { MemoryLedger } from '../../stores/memory/ledger-store.ts'
import type { RedisLink } from '../../stores/redis/link.ts'
import { isStillGood } from '../is-still-good.ts'
import { createLeases, type Leases } from './leases.ts'
import { openLedger } from './open-ledger.ts'
import { bellOf } from './share-revocations.ts'
import type { State } from './state.ts'

/** Who callers are and what they were given, as it is kept. */
interface OpenedIdentity {
  readonly state: State
  readonly revocations: RevocationList
  readonly keys: KeyDirectory
  readonly failures: FailureBudget
  readonly leases: Leases
  readonly ledger: LedgerStore
  close(): Promise<void>
}

/** Loads revocations, keys and the ledger; closes the state where that fails. */
export async function startIdentity(
  state: State,
  log: Log,
  asking = false,
  link?: RedisLink,
  holds?: HoldList,
): Promise<OpenedIdentity> {
  const revocations = createRevocationList({ store: state.revocations, ...bellOf(link) })
  const keys = createKeyDirectory({ store: state.apiKeys })
  let ledger: MemoryLedger | undefined
  const close = async (): Promise<void> => {
    revocations.close()
    await keys.close()
    await ledger?.close()
    await state.close()
  }
  try {
    await revocations.start()
    await keys.start()
    ledger = await openLedger(state, log, asking, link)
  } catch (error) {
    await close()
    throw error
  }
  const failures = createFailureBudget({ clock: systemClock, networkOf })
  const leases = createLeases({
    clock: systemClock,
    isGood: (principal) =>
      isStillGood(revocations, keys, principal) && holds?.failed(principal, systemClock.now()) === undefined,
  })
  return { state, revocations, keys, failures, leases, ledger, close }
}
