import { accessSync, constants, type Stats, statSync } from 'node:fs'
import { whyUnreadable } from '../kernel/unreadable-file.ts'
import type { Reading } from './reading.ts'

/** Complains about every named file that cannot be used, and about secret ones that others can read. */
export function findBrokenFiles(reading: Reading): void {
  for (const [name, { pointer, secret }] of reading.files) {
    const stat = statOf(name)
    if ('reason' in stat) {
      reading.error(pointer, 'config.file', `this ${stat.reason}`, stat.fix)
    } else if (secret && process.platform !== 'win32' && (stat.mode & 0o077) !== 0) {
      reading.warn(
        pointer,
        'config.file-permissions',
        'a file with a secret can be read by other users of this machine',
        'run `chmod 600` on it',
      )
    }
  }
}

function statOf(name: string): Stats | ReturnType<typeof whyUnreadable> {
  try {
    const stat = statSync(name)
    if (!stat.isFile())
      return { reason: 'is not a regular file', fix: 'paths are relative to the configuration file' }
    accessSync(name, constants.R_OK)
    return stat
  } catch (error) {
    const { reason, fix } = whyUnreadable(error)
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT'
    return { reason: `file ${reason}`, fix: missing ? 'paths are relative to the configuration file' : fix }
  }
}
