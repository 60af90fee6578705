import { randomBytes } from 'node:crypto'
import { linkSync, mkdirSync, readFileSync, statSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../config/config.ts'
import { createIdSealer, type IdSealer } from '../crypto/id-sealer.ts'
import { Unusable } from '../kernel/finding.ts'

const name = 'sealing.key'

/**
 * What seals ids: by the keys of the configuration, else by those in the state folder (mode 0600), one a line, the first
 * seals. A key is made where there is none; a new one is put on a line before it. Throws `Unusable`.
 */
export function provideIdSealer({ sealing, state }: Config): IdSealer {
  if (sealing !== undefined) return createIdSealer(sealing.keys.map((key) => Buffer.from(key.reveal())))
  const file = join(state, name)
  try {
    return createIdSealer(read(file) ?? make(state, file))
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'unknown'
    throw new Unusable([
      {
        rule: 'sealing.key',
        severity: 'error',
        message: `cannot use the sealing keys ${file}: ${reason}`,
        fix: 'restore it from a backup, or write `sealing: { key: … }`: without it the ids that callers hold do not open',
      },
    ])
  }
}

function read(file: string): readonly Uint8Array[] | undefined {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  if (process.platform !== 'win32' && (statSync(file).mode & 0o077) !== 0)
    throw new Error('others may read it (chmod 600)')
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) => Buffer.from(line, 'base64url'))
}

/** Of two processes that start at once one makes it: a link is made whole or not at all. */
function make(state: string, file: string): readonly Uint8Array[] {
  mkdirSync(state, { recursive: true, mode: 0o700 })
  const draft = `${file}.${process.pid}`
  writeFileSync(draft, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o600, flag: 'wx' })
  try {
    linkSync(draft, file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    unlinkSync(draft)
  }
  const made = read(file)
  if (made === undefined) throw new Error('it is gone again')
  return made
}
