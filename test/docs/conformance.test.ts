import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { renderConformancePage } from '../../tools/conformance-page.ts'
import { basicOp, configOp, dpopNegatives } from '../conformance/modules.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const page = readFileSync(join(root, 'docs/conformance.md'), 'utf8')
const rows = new Map(
  page
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) => {
      const cells = line.slice(2, -2).split(' | ')
      return [cells[0] ?? '', cells.at(-1) ?? ''] as const
    }),
)
const modules: readonly string[] = [...basicOp, ...configOp].map(({ name }) => name)

test('O01: the plans have 38 modules and one', () => {
  assert.equal(new Set(basicOp.map(({ name }) => name)).size, 38)
  assert.deepEqual(
    configOp.map(({ name }) => name),
    ['oidcc-discovery-endpoint-verification'],
  )
})

test('O01: the page names every module and every case with its result, none failed', () => {
  const named = [...modules.map((name) => `\`${name}\``), ...dpopNegatives]
  for (const name of named)
    assert.match(rows.get(name) ?? 'not named', /^(passed|\*\*(warning|skipped)\*\*: .+)$/, name)
  const others = [...rows.keys()].filter(
    (name) => !named.includes(name) && name !== 'module' && name !== 'case',
  )
  assert.deepEqual(others, [], 'a module that is none')
})

test('O01: every module is a test of its name', () => {
  const folder = join(root, 'test/conformance')
  const text = globSync('*.test.ts', { cwd: folder })
    .map((file) => readFileSync(join(folder, file), 'utf8'))
    .join('\n')
  const ported = [...text.matchAll(/portModule\(\s*'([^']+)'/g)].map(([, name]) => name)
  assert.deepEqual(ported.toSorted(), modules.toSorted())
})

test('a module that did not run or failed is named as such', () => {
  const text = renderConformancePage(new Map([['oidcc-server', { result: 'failed' }]]))
  assert.match(text, /^\| `oidcc-server` \|.*\| \*\*failed\*\* \|$/m)
  assert.match(text, /^\| `oidcc-refresh-token` \|.*\| \*\*missing\*\*: no test of this name ran \|$/m)
  assert.match(text, /39 modules: 0 passed, .* 39 failed/)
})
