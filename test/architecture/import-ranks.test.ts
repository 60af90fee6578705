import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { importsOf, readImports } from './imports.ts'
import { cycles, violations } from './rules.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

test('every import of src/ points to a strictly lower rank', (t) => {
  const imports = readImports(root, 'src')
  t.diagnostic(`${imports.length} imports read`)
  assert.ok(imports.length > 100)
  assert.deepEqual(violations(imports), [])
})

test('no two files of src/ import each other, directly or around', () => {
  assert.deepEqual(cycles(readImports(root, 'src')), [])
})

const planted: readonly [rule: string, file: string, text: string][] = [
  [
    'a stage is a stranger to other stages',
    'src/stages/limit/x.ts',
    "import { a } from '../listen/target.ts'",
  ],
  [
    'a store is a stranger to stages',
    'src/stores/memory/x.ts',
    "import type { a } from '../../stages/listen/target.ts'",
  ],
  ['rank 1 folders are strangers', 'src/config/x.ts', "import { a } from '../media/json.ts'"],
  ['the kernel imports nothing of ours', 'src/kernel/x.ts', "import { a } from '../media/json.ts'"],
  ['the kernel imports no package', 'src/kernel/x.ts', "import { a } from 'jose'"],
  [
    'a stage does not know the gateway',
    'src/stages/screen/x.ts',
    "import { a } from '../../gateway/flow.ts'",
  ],
  [
    'sockets stay in listen, forward, outbound and app',
    'src/stages/record/x.ts',
    "import { connect } from 'node:net'",
  ],
  ['drivers stay in their store', 'src/admin/x.ts', "import { DatabaseSync } from 'node:sqlite'"],
  ['a dynamic import counts too', 'src/gateway/x.ts', "const a = await import('../app/app.ts')"],
  ['a missing file is seen', 'src/gateway/x.ts', "import { a } from './nowhere.ts'"],
]

for (const [rule, file, text] of planted)
  test(`planted violation: ${rule}`, () => {
    assert.equal(violations(importsOf(root, file, text)).length, 1)
  })

test('planted violation: a cycle', () => {
  const imports = [
    { from: 'src/a/x.ts', to: 'src/a/y.ts', typeOnly: false, names: [] },
    { from: 'src/a/y.ts', to: 'src/a/x.ts', typeOnly: true, names: [] },
  ]
  assert.equal(cycles(imports).length, 1)
})
