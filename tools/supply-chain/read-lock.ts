import { readFileSync } from 'node:fs'

/** One entry of `package-lock.json` (version 3) below `packages`. */
export interface LockedPackage {
  /** As installed: `node_modules/a/node_modules/b`. */
  readonly path: string
  /** `b` or `@scope/b`. */
  readonly name: string
  readonly version: string
  readonly resolved?: string
  readonly integrity?: string
  readonly license?: string
  readonly dev?: boolean
  readonly optional?: boolean
  readonly link?: boolean
  readonly hasInstallScript?: boolean
  readonly os?: readonly string[]
}

/** The packages of a lock, in its order. @throws Error where it is of another version. */
export function readLock(file: string): readonly LockedPackage[] {
  const lock = JSON.parse(readFileSync(file, 'utf8')) as {
    readonly lockfileVersion?: number
    readonly packages?: Readonly<Record<string, Omit<LockedPackage, 'path' | 'name'>>>
  }
  if (lock.lockfileVersion !== 3 || lock.packages === undefined) throw new Error(`${file}: not of version 3`)
  return Object.entries(lock.packages)
    .filter(([path]) => path.includes('node_modules/'))
    .map(([path, entry]) => ({ ...entry, path, name: path.slice(path.lastIndexOf('node_modules/') + 13) }))
}

/** Whether `npm install --omit=dev --omit=optional` brings it. */
export function isProduction({ dev, optional, link }: LockedPackage): boolean {
  return dev !== true && optional !== true && link !== true
}
