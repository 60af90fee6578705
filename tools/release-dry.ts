// All of a release that needs no account: the package built twice and compared, digests, the bill of materials, the notes
// from the changelog, and what npm would publish. `npm run release:dry`.
import { spawnSync } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { buildPackage } from './release/build-package.ts'
import { releaseNotes } from './release/release-notes.ts'
import { createSbom, findSbomFaults } from './release/sbom.ts'
import { readLock } from './supply-chain/read-lock.ts'

const root = join(import.meta.dirname, '..')
const dist = join(root, 'dist')
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  readonly version: string
}

const again = buildPackage(join(dist, 'again'))
const built = buildPackage(dist)
if (again.sha256 !== built.sha256) fail(`two builds differ: ${again.sha256} and ${built.sha256}`)
say(`${basename(built.file)}: ${built.packedBytes} bytes, two builds are the same, sha256 ${built.sha256}`)

const locked = readLock(join(root, 'package-lock.json'))
const bill = createSbom(root, locked)
for (const fault of findSbomFaults(bill, locked)) fail(fault)
writeFileSync(join(dist, 'sbom.cdx.json'), `${JSON.stringify(bill, undefined, 2)}\n`)
say(`sbom.cdx.json: CycloneDX ${bill.specVersion}, ${bill.components.length} components, equal to the lock`)

writeFileSync(join(dist, 'SHA256SUMS'), `${built.sha256}  ${basename(built.file)}\n`)
writeFileSync(join(dist, 'notes.md'), releaseNotes(readFileSync(join(root, 'CHANGELOG.md'), 'utf8'), version))
say(`notes.md: what the changelog says of ${version}`)

const published = spawnSync('npm', ['publish', built.file, '--dry-run', '--ignore-scripts'], {
  cwd: dist,
  encoding: 'utf8',
})
if (published.status !== 0) fail(published.stderr)
say('npm publish --dry-run: accepted')
rmSync(join(dist, 'again'), { recursive: true, force: true })

function say(line: string): void {
  console.log(line)
}

function fail(reason: string): never {
  console.error(`release: ${reason}`)
  process.exit(1)
}
