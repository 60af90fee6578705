import { accessSync, constants, type Stats, statSync } from 'node:fs'
import type { Reading } from './reading.ts'

/** Complains about every named file that cannot be used, and about secret ones that others can read. */
export function findBrokenFiles(reading: Reading): void {
  for (const [name, { pointer, secret }] of reading.files) {
    const stat = statOf(name)
    if (typeof stat === 'string') {
      reading.error(pointer, 'config.file', stat, 'paths are relative to the configuration file')
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

function statOf(name: string): Stats | string {
  try {
    const stat = statSync(name)
    if (!stat.isFile()) return 'this is not a regular file'
    accessSync(name, constants.R_OK)
    return stat
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT'
      ? 'this file does not exist'
      : 'this file cannot be read'
  }
}
