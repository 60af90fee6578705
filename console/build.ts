// Builds console/dist, unless what is there was built from these very sources. `--force` builds in any case.
import { createHash, randomUUID } from 'node:crypto'
import { globSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'vite'
import { viteConfig } from './vite.config.ts'

const folder = import.meta.dirname
const dist = join(folder, 'dist')
const mark = join(dist, '.sources')

/** Digest of everything that the build reads. */
function digestOfSources(): string {
  const files = globSync(['*.{ts,json,html}', 'src/**/*.*', 'public/**/*.*'], { cwd: folder }).toSorted()
  const hash = createHash('sha256')
  for (const file of [...files, '../package-lock.json'])
    hash.update(`${file}\0`).update(readFileSync(join(folder, file)))
  return hash.digest('hex')
}

function builtFrom(): string | undefined {
  try {
    return readFileSync(mark, 'utf8')
  } catch {
    return undefined
  }
}

const digest = digestOfSources()
if (builtFrom() !== digest || process.argv.includes('--force')) {
  const started = performance.now()
  // Two that build at once do not meet: each has a folder of its own, and the last one stays.
  const outDir = join(folder, `.build/${randomUUID()}`)
  mkdirSync(outDir, { recursive: true })
  try {
    await build({ ...viteConfig, build: { ...viteConfig.build, outDir, emptyOutDir: true } })
    writeFileSync(join(outDir, '.sources'), digest)
    rmSync(dist, { recursive: true, force: true })
    renameSync(outDir, dist)
  } finally {
    rmSync(outDir, { recursive: true, force: true })
  }
  process.stderr.write(`console built in ${((performance.now() - started) / 1000).toFixed(1)} s\n`)
}
