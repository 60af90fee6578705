// What the project takes in: licences, digests, install scripts, sources, number of packages; and that no secret is
// among its own files. `npm run lint` runs it.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { exceptions } from './supply-chain/exceptions.ts'
import { countProduction, findFaults } from './supply-chain/find-faults.ts'
import { readLock } from './supply-chain/read-lock.ts'

const root = join(import.meta.dirname, '..')
const packages = readLock(join(root, 'package-lock.json'))
const faults = findFaults(packages, exceptions)
for (const fault of faults) console.error(fault)
console.error(
  `${packages.length} packages, ${countProduction(packages)} of production, ${exceptions.length} exceptions`,
)
const secrets = spawnSync('secretlint', ['**/*', '--maskSecrets'], {
  cwd: root,
  stdio: 'inherit',
})
if (secrets.error !== undefined) console.error(secrets.error.message)
process.exit(faults.length > 0 || secrets.status !== 0 ? 1 : 0)
