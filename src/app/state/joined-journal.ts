import type { LedgerJournal } from '../../kernel/ledger-store.ts'

/**
 * The ledger of gateways that each have a durable store of their own and one in common: written into both, read from both, under
 * the secret of the common one.
 */
export function joinJournals(durable: LedgerJournal, shared: LedgerJournal): LedgerJournal {
  return {
    secret: () => shared.secret(),
    async load(holder, now, limit) {
      const [ours, theirs] = await Promise.all([
        durable.load(holder, now, limit),
        shared.load(holder, now, limit),
      ])
      const all = new Map(ours.map((row) => [row.object, row]))
      for (const row of theirs) all.set(row.object, row)
      return [...all.values()].sort((a, b) => b.until - a.until).slice(0, limit)
    },
    async save(rows) {
      await Promise.all([durable.save(rows), shared.save(rows)])
    },
    purge: (now) => durable.purge(now),
  }
}
