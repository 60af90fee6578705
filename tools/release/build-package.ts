import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { type Manifest, publishedManifest } from './manifest.ts'

/** A package as it would be published. */
export interface BuiltPackage {
  readonly file: string
  /** Of the archive, hexadecimal. */
  readonly sha256: string
  readonly packedBytes: number
  readonly unpackedBytes: number
  readonly files: number
}

const root = join(import.meta.dirname, '..', '..')
/** Beside the compiled code: what the sources read at run time. */
const assets = /\.(?:bin|json|css|js|svg)$/
const copied = [
  'bin',
  'schema',
  'docs/sallyport.1',
  'docs/figures',
  'LICENSE',
  'README.md',
  'SECURITY.md',
  'CHANGELOG.md',
]

/**
 * Compiles, gathers and packs into `folder`. The same sources give the same bytes: the archive holds no time, no owner
 * and no path of this machine.
 * @throws Error with what the compiler or npm said.
 */
export function buildPackage(folder: string): BuiltPackage {
  const staged = join(folder, 'package')
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(staged, { recursive: true })
  run('tsc', ['--project', 'tsconfig.build.json', '--outDir', join(staged, 'dist')], root)
  for (const file of filesOf(join(root, 'src')))
    if (assets.test(file)) cpSync(join(root, 'src', file), join(staged, 'dist', file))
  run('node', [join(root, 'console', 'build.ts')], root)
  cpSync(join(root, 'console', 'dist'), join(staged, 'console', 'dist'), { recursive: true })
  for (const name of copied) cpSync(join(root, name), join(staged, name), { recursive: true })
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest
  writeFileSync(
    join(staged, 'package.json'),
    `${JSON.stringify(publishedManifest(manifest), undefined, 2)}\n`,
  )
  // The mode of a file is part of the archive, and a checkout's depends on the umask.
  for (const file of filesOf(staged)) chmodSync(join(staged, file), file.startsWith('bin/') ? 0o755 : 0o644)
  const packed = JSON.parse(
    run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], staged),
  ) as unknown
  const [{ filename, size, unpackedSize, entryCount } = nothing] = Object.values(
    packed as Record<string, typeof nothing>,
  )
  const file = join(folder, filename)
  return {
    file,
    sha256: createHash('sha256').update(readFileSync(file)).digest('hex'),
    packedBytes: size,
    unpackedBytes: unpackedSize,
    files: entryCount,
  }
}

const nothing = { filename: '', size: 0, unpackedSize: 0, entryCount: 0 }

/** Paths below `folder`, with `/`, in order. */
function filesOf(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .sort()
}

function run(command: string, args: readonly string[], cwd: string): string {
  const ran = spawnSync(command, [...args], { cwd, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 })
  if (ran.status !== 0) throw new Error(`${command} ${args.join(' ')}: ${ran.stdout}${ran.stderr}`)
  return ran.stdout
}
