import { createHash } from 'node:crypto'
import { type FSWatcher, readFileSync, watch } from 'node:fs'
import { dirname } from 'node:path'
import type { LoadedConfig } from './loaded-config.ts'

export interface WatchOptions {
  /** How long it must be quiet before a change counts; 250 ms by default. */
  readonly debounceMs?: number
  /** Looked at this often even where the system tells nothing (network file systems); 5 s by default. */
  readonly pollMs?: number
  /** Further files: what a contract refers to. */
  readonly files?: readonly string[]
  /** Digests from before the files were read: what has changed since then is told at once. */
  readonly since?: ReadonlyMap<string, string>
  /** A folder that cannot be watched; polling goes on. */
  readonly onError?: (error: Error) => void
}

export interface Watch {
  close(): void
}

/**
 * Calls back with the names of the files whose content changed. Folders are watched, not files: editors and
 * orchestrators replace files by renaming. Never throws; keeps no process alive.
 */
export function watchConfig(
  loaded: Pick<LoadedConfig, 'files'>,
  onChange: (changed: readonly string[]) => void,
  options: WatchOptions = {},
): Watch {
  const { debounceMs = 250, pollMs = 5000, onError } = options
  const files = [...new Set([...loaded.files, ...(options.files ?? [])])]
  const digests = new Map(files.map((file) => [file, options.since?.get(file) ?? digestOf(file)]))
  const watchers: FSWatcher[] = []
  let timer: NodeJS.Timeout | undefined

  const look = (): void => {
    timer = undefined
    const changed = files.filter((file) => {
      const digest = digestOf(file)
      if (digest === digests.get(file)) return false
      digests.set(file, digest)
      return true
    })
    if (changed.length === 0) return
    try {
      onChange(changed)
    } catch (error) {
      onError?.(error instanceof Error ? error : new Error('reload failed'))
    }
  }
  const soon = (): void => {
    clearTimeout(timer)
    timer = setTimeout(look, debounceMs)
    timer.unref()
  }

  for (const folder of new Set(files.map((file) => dirname(file)))) {
    try {
      const watcher = watch(folder, { persistent: false }, soon)
      watcher.on('error', (error) => onError?.(error))
      watchers.push(watcher)
    } catch (error) {
      onError?.(error instanceof Error ? error : new Error('cannot watch'))
    }
  }
  if (options.since !== undefined) soon()
  const poll = setInterval(soon, pollMs)
  poll.unref()
  return {
    close() {
      clearTimeout(timer)
      clearInterval(poll)
      for (const watcher of watchers) watcher.close()
    },
  }
}

/** What the files hold now, for `WatchOptions.since`. */
export function digestsOf(files: readonly string[]): ReadonlyMap<string, string> {
  return new Map(files.map((file) => [file, digestOf(file)]))
}

/** A missing file has a digest too: that it went away is a change. */
function digestOf(file: string): string {
  try {
    return createHash('sha256').update(readFileSync(file)).digest('hex')
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code)
  }
}
