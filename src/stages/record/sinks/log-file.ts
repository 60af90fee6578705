import { closeSync, fstatSync, mkdirSync, openSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { basename, dirname, extname, join } from 'node:path'

/** When a file of lines is put aside, and how many of those put aside are kept. */
export interface Rotation {
  /** Before it would become larger than this; undefined: whatever its size. */
  readonly bytes?: number
  /** Once its first line is this old; undefined: whatever its age. */
  readonly ageMs?: number
  /** Files beside the one that is written to; the oldest goes. */
  readonly keep: number
}

/** A file that lines are appended to. */
export interface LogFile {
  /** Where to write `bytes` next: a new file, where it is time for one. */
  descriptor(bytes: number): number
  /** Bytes that were written since. */
  wrote(bytes: number): void
}

/** Opens or makes it, mode 0600. Files put aside are `NAME-20261124T101530123Z.EXT`, so that their names sort by age. */
export function createLogFile(file: string, rotation?: Rotation, now: () => number = Date.now): LogFile {
  mkdirSync(dirname(file), { recursive: true })
  let descriptor = openSync(file, 'a', 0o600)
  let { size, since } = begun(descriptor, now())

  function isDue(bytes: number): boolean {
    if (rotation === undefined || size === 0 || bytes === 0) return false
    if (rotation.bytes !== undefined && size + bytes > rotation.bytes) return true
    return rotation.ageMs !== undefined && now() - since >= rotation.ageMs
  }

  function rotate(keep: number): void {
    const aside = asideOf(file, now())
    renameSync(file, aside)
    const next = openSync(file, 'a', 0o600)
    closeSync(descriptor)
    descriptor = next
    size = 0
    since = now()
    removeOldest(file, keep)
  }

  return {
    descriptor(bytes) {
      if (rotation !== undefined && isDue(bytes)) rotate(rotation.keep)
      return descriptor
    },
    wrote(bytes) {
      size += bytes
    },
  }
}

/** A file that was there before goes on, with its size and age. */
function begun(descriptor: number, now: number): { readonly size: number; readonly since: number } {
  const { size, birthtimeMs } = fstatSync(descriptor)
  return { size, since: size === 0 || birthtimeMs === 0 ? now : birthtimeMs }
}

function asideOf(file: string, now: number): string {
  const extension = extname(file)
  const stem = basename(file, extension)
  const time = new Date(now).toISOString().replace(/[-:.]/g, '')
  return join(dirname(file), `${stem}-${time}${extension}`)
}

function removeOldest(file: string, keep: number): void {
  const extension = extname(file)
  const start = `${basename(file, extension)}-`
  const aside = readdirSync(dirname(file))
    .filter((name) => name.startsWith(start) && name.endsWith(extension))
    .filter((name) => /^\d{8}T\d{9}Z$/.test(name.slice(start.length, name.length - extension.length)))
    .sort()
  for (const name of aside.slice(0, Math.max(0, aside.length - keep)))
    rmSync(join(dirname(file), name), { force: true })
}
