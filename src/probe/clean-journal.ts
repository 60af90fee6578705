import { rmSync } from 'node:fs'
import type { LoadedContract } from '../contract/load-contract.ts'
import { createTargetClient } from '../outbound/create-target-client.ts'
import { carry, type Identity } from './identity.ts'
import { type JournalEntry, readJournal } from './state/journal.ts'

export interface CleanOptions {
  readonly file: string
  readonly origin: string
  readonly identities: readonly Identity[]
  readonly contract: LoadedContract
  readonly authorities?: readonly string[]
}

/** Takes away what a journal of a probe that was killed says is left; returns what stays. Then the file is removed where nothing does. */
export async function cleanJournal({
  file,
  origin,
  identities,
  contract,
  ...more
}: CleanOptions): Promise<readonly JournalEntry[]> {
  const client = await createTargetClient({ origin, ...more })
  const left: JournalEntry[] = []
  try {
    for (const entry of [...readJournal(file)].reverse()) {
      if (entry.undo === undefined || !(await undo(entry, entry.undo))) left.push(entry)
    }
  } finally {
    await client.close()
  }
  if (left.length === 0) rmSync(file)
  return left

  async function undo(
    entry: JournalEntry,
    { method, path, body }: NonNullable<JournalEntry['undo']>,
  ): Promise<boolean> {
    const like = contract.declared.find((one) => `${one.method} ${one.template}` === entry.operation)
    const maker = identities.filter(({ name }) => name === entry.identity)
    for (const identity of [...maker, ...identities.filter((one) => one.privileged)]) {
      const carried = carry(identity, like ?? { security: [], securityDeclared: false }, contract.schemes)
      const query = carried.query.map(
        ([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`,
      )
      const reply = await client.send({
        method,
        path: query.length === 0 ? path : `${path}${path.includes('?') ? '&' : '?'}${query.join('&')}`,
        headers: [
          ...carried.headers,
          ...(body === undefined ? [] : [['content-type', 'application/json'] as const]),
        ],
        ...(body === undefined ? {} : { body }),
      })
      if ((reply.status >= 200 && reply.status < 300) || reply.status === 404 || reply.status === 410)
        return true
    }
    return false
  }
}
