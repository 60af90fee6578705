import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { test } from 'node:test'
import { parseSync } from 'oxc-parser'

const root = join(import.meta.dirname, '../..')

/** What a file of the console takes from outside of it, one sentence each. */
function violations(path: string, text: string): string[] {
  const { module } = parseSync(path, text)
  return module.staticImports.flatMap((one) => {
    const name = one.moduleRequest.value
    if (!name.startsWith('.')) return name.startsWith('node:') ? [`${path}: ${name} is not in a browser`] : []
    const to = relative(root, join(dirname(join(root, path)), name))
    if (to.startsWith('console/src/')) return []
    if (to !== 'src/admin/contract.ts') return [`${path}: imports ${to}`]
    return one.entries.length > 0 && one.entries.every((entry) => entry.isType)
      ? []
      : [`${path}: imports values of ${to}`]
  })
}

test('the console imports types of the admin API, and nothing else of the gateway', (t) => {
  const files = globSync('console/src/**/*.{ts,tsx}', { cwd: root })
  assert.ok(files.length > 20)
  t.diagnostic(`${files.length} files`)
  assert.deepEqual(
    files.flatMap((path) => violations(path, readFileSync(join(root, path), 'utf8'))),
    [],
  )
})

test('a planted import of code, of another file or of Node is found', () => {
  const found = violations(
    'console/src/pages/planted.tsx',
    `import { createRoutes } from '../../../src/admin/routes.ts'
     import { x } from '../../../src/admin/contract.ts'
     import type { EventsReply } from '../../../src/admin/contract.ts'
     import { readFileSync } from 'node:fs'`,
  )
  assert.equal(found.length, 3)
})

test('nothing in the console reads text as markup', () => {
  const files = globSync('console/src/**/*.{ts,tsx}', { cwd: root })
  const words =
    /dangerouslySetInnerHTML|innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function/
  for (const path of files) assert.doesNotMatch(readFileSync(join(root, path), 'utf8'), words, path)
})
