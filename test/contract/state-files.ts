import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import type { Kysely } from 'kysely'
import { createSqliteStateStore } from '../../src/stores/sqlite/state-store.ts'

/** Databases for one test file: `open` makes a new one, `reopen` another connection to the one that `of` belongs to. */
export interface StateFiles<T extends object> {
  open(): Promise<T>
  reopen(of: T): Promise<T>
}

export function createStateFiles<T extends object>(make: (db: Kysely<unknown>) => T): StateFiles<T> {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-state-'))
  const files = new WeakMap<T, string>()
  const closing: (() => Promise<void>)[] = []
  let made = 0
  after(async () => {
    for (const close of closing) await close()
    rmSync(folder, { recursive: true, force: true })
  })
  const openFile = async (file: string): Promise<T> => {
    const state = await createSqliteStateStore(file)
    closing.push(() => state.close())
    const store = make(state.db)
    files.set(store, file)
    return store
  }
  return {
    open: () => openFile(join(folder, `${made++}.db`)),
    reopen: (of) => openFile(files.get(of) ?? ''),
  }
}
