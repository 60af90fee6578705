import { createPublicKey, type KeyObject } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Config } from '../../config/config.ts'
import type { EventFilter } from '../../kernel/ports.ts'
import { createFindingRepository } from '../../repositories/finding-repository.ts'
import { erasedLine } from '../../stages/record/chain/chained-line.ts'
import { type ChainReport, verifyChain } from '../../stages/record/chain/verify-chain.ts'
import { openEvents } from '../state/open-events.ts'
import { openState } from '../state/state.ts'
import { provideChainKey, publicChainKey } from './chain-key.ts'

export type { ChainReport } from '../../stages/record/chain/verify-chain.ts'
export { csvHeader, csvLineOf } from '../../stages/record/csv-line.ts'
export { ocsfEventOf } from '../../stages/record/ocsf/ocsf-event.ts'

/** The stored audit log of a configuration, also while a gateway writes to it. */
export interface AuditLog {
  lines(filter: EventFilter): AsyncIterable<string>
  /** Verifies what is stored, or the lines of a file. */
  verify(file: string | undefined, key: KeyObject | undefined): Promise<ChainReport>
  /** Takes out of stored events who the subject was and what it touched; returns how many there were. Findings about it go. */
  erase(issuer: string, sub: string): Promise<number>
  /** What verifies the signatures, PEM. */
  publicKey(): string
  close(): Promise<void>
}

/** Opens it; undefined where the configuration keeps no events. Throws `Unusable`. */
export async function openAuditLog(config: Config): Promise<AuditLog | undefined> {
  const { durable } = config.store
  if (durable.kind === 'none' || (durable.kind === 'sqlite' && durable.file === ':memory:')) return undefined
  const store = await openEvents(config.store)
  return {
    lines: (filter) => store.lines(filter),
    verify: (file, key) =>
      verifyChain(file === undefined ? store.lines({}) : linesOf(file), key ?? ownKey(config)),
    async erase(issuer, sub) {
      const state = await openState(config)
      try {
        if (state.database !== undefined) await createFindingRepository(state.database.db).forget(issuer, sub)
      } finally {
        await state.close()
      }
      return store.erase({ issuer, sub }, erasedLine)
    },
    publicKey: () => publicChainKey(provideChainKey(config)),
    close: () => store.close(),
  }
}

function ownKey(config: Config): KeyObject {
  return createPublicKey(provideChainKey(config))
}

/** A file of lines, however large. */
async function* linesOf(file: string): AsyncGenerator<string> {
  const lines = createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })
  for await (const line of lines) if (line !== '') yield line
}
