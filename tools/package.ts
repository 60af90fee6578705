// Builds the package as it would be published, into dist/, and says its size and digest: `npm run package`.
import { join, relative } from 'node:path'
import { buildPackage } from './release/build-package.ts'

const root = join(import.meta.dirname, '..')
const built = buildPackage(join(root, 'dist'))
const kib = (bytes: number): string => `${(bytes / 1024).toFixed(0)} KiB`
console.log(
  `${relative(root, built.file)}  ${kib(built.packedBytes)} packed, ${kib(built.unpackedBytes)} unpacked, ${built.files} files\nsha256  ${built.sha256}`,
)
