import { setTimeout as pause } from 'node:timers/promises'
import type { AuditEvent } from '../../kernel/event.ts'
import type { LedgerJournal } from '../../kernel/ledger-store.ts'
import { createQuotaRepository } from '../../repositories/quota-repository.ts'
import { createMemoryQuotaStore } from '../../stores/memory/quota-store.ts'
import type { RunningAuthority } from '../authority/start-authority.ts'
import type { Services } from '../services.ts'
import type { Answers } from './channel.ts'
import type { MainAnswers } from './messages.ts'

/** Events that may wait here before workers have to keep theirs. */
const mostWaiting = 4_096
const pauseMs = 5

/** What every worker may ask, and what only one of them says. */
export type SharedAnswers = Omit<Answers<MainAnswers>, 'health' | 'failing'>

/** What the main thread answers: it alone reads and writes what is durable, and puts calls on record. */
export function createMainAnswers(
  services: Services,
  journal: LedgerJournal | undefined,
  authority: () => RunningAuthority | undefined,
): SharedAnswers {
  const { state, recorder } = services
  const quotas =
    state.database === undefined ? createMemoryQuotaStore() : createQuotaRepository(state.database.db)
  const kept = <T>(there: T | undefined): T => {
    if (there === undefined) throw new Error('nothing is kept')
    return there
  }
  return {
    revocationsSince: (change, limit) => state.revocations.since(change, limit),
    keyChanges: (after, limit) => state.apiKeys.changes(after, limit),
    findKey: (id) => state.apiKeys.find(id),
    touchKeys: (uses) => state.apiKeys.touch(uses),
    addLock: (lock, now) => kept(state.locks).add(lock, now),
    locksSince: (change, limit) => kept(state.locks).since(change, limit),
    takeQuota: (key, spec, cost, at) => quotas.take(key, spec, cost, at),
    chargeQuota: (key, spec, cost, at) => quotas.charge(key, spec, cost, at),
    loadLedger: (holder, nowMinutes, limit) => kept(journal).load(holder, nowMinutes, limit),
    saveLedger: (rows) => kept(journal).save(rows),
    async record(text) {
      for (const event of JSON.parse(text) as AuditEvent[]) recorder.event(event)
      while (recorder.waiting > mostWaiting) await pause(pauseMs)
    },
    absorbInventory: (sightings) => services.inventory.absorb(sightings),
    liveHolds: (now) => services.holds.list.live(now),
    authorityKeys: () => authority()?.authority.publicKeys() ?? { keys: [] },
    admitGuest(arrival) {
      const running = authority()
      if (running === undefined) throw new Error('there is no authorization server')
      return running.socket.admit(arrival)
    },
    concludeGuest: (ticket) => authority()?.socket.conclude(ticket),
  }
}
