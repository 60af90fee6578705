import { randomBytes } from 'node:crypto'
import { linkSync, mkdirSync, readFileSync, statSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { threadId } from 'node:worker_threads'
import { Unusable } from '../kernel/finding.ts'

/** A file of keys in the state folder, and what to say where it cannot be used. */
export interface KeyFile {
  readonly folder: string
  readonly name: string
  /** Rule of the finding, `sealing.key`. */
  readonly rule: string
  readonly fix: string
}

/**
 * What `use` makes of the keys of a file: base64url, one a line, readable by its owner alone (0600). The file is made, with
 * one key of 256 bits, where there is none. Throws `Unusable` where it cannot be read, others may read it, or `use` throws.
 */
export function withKeyFile<T>(file: KeyFile, use: (keys: readonly Uint8Array[]) => T): T {
  const path = join(file.folder, file.name)
  try {
    return use(read(path) ?? make(file.folder, path))
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'unknown'
    throw new Unusable([
      {
        rule: file.rule,
        severity: 'error',
        message: `cannot use the keys of ${path}: ${reason}`,
        fix: file.fix,
      },
    ])
  }
}

function read(path: string): readonly Uint8Array[] | undefined {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  if (process.platform !== 'win32' && (statSync(path).mode & 0o077) !== 0)
    throw new Error('others may read it (chmod 600)')
  const lines = text.split('\n').map((line) => line.trim())
  const keys = lines.filter((line) => line !== '').map((line) => Buffer.from(line, 'base64url'))
  if (keys.length === 0) throw new Error('it holds no key')
  return keys
}

/** Of two processes that start at once one makes it: a link is made whole or not at all. */
function make(folder: string, path: string): readonly Uint8Array[] {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const draft = `${path}.${process.pid}.${threadId}`
  writeFileSync(draft, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o600, flag: 'wx' })
  try {
    linkSync(draft, path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    unlinkSync(draft)
  }
  const made = read(path)
  if (made === undefined) throw new Error('it is gone again')
  return made
}
