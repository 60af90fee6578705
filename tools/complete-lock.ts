// Adds to package-lock.json the optional packages of other platforms that the registry in use did not serve when the
// lock was written. Without them `npm ci` calls the lock incomplete and installs nothing. Run after every `npm install`:
// `node tools/complete-lock.ts`.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

interface LockedPackage {
  readonly version?: string
  readonly dev?: boolean
  readonly optional?: boolean
  readonly os?: readonly string[]
  readonly cpu?: readonly string[]
  readonly libc?: readonly string[]
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

const file = join(import.meta.dirname, '..', 'package-lock.json')
const lock = JSON.parse(readFileSync(file, 'utf8')) as { packages: Record<string, LockedPackage> }
const packages = new Map(Object.entries(lock.packages))
let added = 0
for (const owner of Object.values(lock.packages))
  for (const [name, version] of Object.entries(owner.optionalDependencies ?? {})) {
    const place = `node_modules/${name}`
    if (packages.has(place)) continue
    packages.set(place, placeholder(name, version, owner.dev === true))
    added += 1
  }
const sorted = [...packages].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
lock.packages = Object.fromEntries(sorted)
if (added > 0) writeFileSync(file, `${JSON.stringify(lock, undefined, 2)}\n`)
process.stdout.write(`complete-lock: ${added} added\n`)

function placeholder(name: string, range: string, dev: boolean): LockedPackage {
  const words = name.split('/').at(-1)?.split('-') ?? []
  const pick = (known: readonly string[]): string[] => known.filter((word) => words.includes(word))
  const os = pick(['android', 'darwin', 'freebsd', 'linux', 'openharmony', 'win32'])
  const cpu = pick(['arm', 'arm64', 'ia32', 'ppc64', 'riscv64', 's390x', 'wasm32', 'x64'])
  const libc = words.includes('musl') ? ['musl'] : words.includes('gnu') ? ['glibc'] : []
  return {
    version: range.replace(/^[\^~]/, ''),
    ...(dev ? { dev } : {}),
    optional: true,
    // No word of the name tells the platform: then none is meant.
    os: os.length > 0 ? os : ['none'],
    ...(cpu.length > 0 ? { cpu } : {}),
    ...(libc.length > 0 ? { libc } : {}),
  }
}
