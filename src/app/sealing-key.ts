import { randomBytes } from 'node:crypto'
import { linkSync, mkdirSync, readFileSync, statSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../config/config.ts'
import { createSealer, type Sealer } from '../crypto/sealer.ts'
import { Unusable } from '../kernel/finding.ts'

const name = 'authority.key'

/**
 * What seals the authorization server's secrets at rest: by the key of the configuration, else by one in the state
 * folder (mode 0600), which is made where there is none. Throws `Unusable` where it cannot be read or others could read it.
 */
export function provideSealer({ authority, state }: Config): Sealer {
  if (authority?.encryptionKey !== undefined)
    return createSealer(Buffer.from(authority.encryptionKey.reveal(), 'base64url'))
  const file = join(state, name)
  try {
    return createSealer(read(file) ?? make(state, file))
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'unknown'
    throw new Unusable([
      {
        rule: 'authority.key',
        severity: 'error',
        message: `cannot use the sealing key ${file}: ${reason}`,
        fix: 'restore it from a backup: without it accounts, clients and keys cannot be opened',
      },
    ])
  }
}

function read(file: string): Buffer | undefined {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  if (process.platform !== 'win32' && (statSync(file).mode & 0o077) !== 0)
    throw new Error('others may read it (chmod 600)')
  return Buffer.from(text.trim(), 'base64url')
}

/** Of two processes that start at once one makes it: a link is made whole or not at all. */
function make(state: string, file: string): Buffer {
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
