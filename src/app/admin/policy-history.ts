import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { PolicyVersion } from '../../admin/contract.ts'

/** Texts that were in the configuration file, in a folder of the state: a file each, readable by the gateway alone. */
export interface PolicyHistory {
  /** Newest first. */
  list(): readonly PolicyVersion[]
  text(version: number): string | undefined
  /** Keeps a text, unless it is the newest one already. */
  add(text: string, etag: string, by: string, note: string): void
}

interface Kept extends PolicyVersion {
  readonly text: string
}

/** The oldest go first. */
const most = 200
const named = /^(\d{9})\.json$/

export function createPolicyHistory(folder: string): PolicyHistory {
  const numbers = (): readonly number[] => {
    try {
      return readdirSync(folder)
        .flatMap((name) => named.exec(name)?.[1] ?? [])
        .map(Number)
        .sort((a, b) => b - a)
    } catch {
      return []
    }
  }
  const fileOf = (version: number): string => join(folder, `${String(version).padStart(9, '0')}.json`)
  const read = (version: number): Kept | undefined => {
    try {
      return JSON.parse(readFileSync(fileOf(version), 'utf8')) as Kept
    } catch {
      return undefined
    }
  }
  return {
    list: () =>
      numbers().flatMap((version) => {
        const kept = read(version)
        if (kept === undefined) return []
        const { text: _, ...shown } = kept
        return [shown]
      }),
    text: (version) => read(version)?.text,
    add(text, etag, by, note) {
      const all = numbers()
      const newest = all[0] ?? 0
      if (read(newest)?.etag === etag) return
      const version = newest + 1
      const kept: Kept = { version, at: new Date().toISOString(), by, note, etag, text }
      mkdirSync(folder, { recursive: true, mode: 0o700 })
      const draft = `${fileOf(version)}.draft`
      writeFileSync(draft, JSON.stringify(kept), { mode: 0o600 })
      renameSync(draft, fileOf(version))
      for (const old of all.slice(most - 1)) rmSync(fileOf(old), { force: true })
    },
  }
}
