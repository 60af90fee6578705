// The documentation as pages, into dist/site: `npm run site`. Nothing in it asks another host.
import { join } from 'node:path'
import { buildSite } from './site/build-site.ts'

const root = join(import.meta.dirname, '..')
const pages = buildSite(root, join(root, 'dist', 'site'))
console.log(`dist/site/index.html: ${pages.length} pages`)
