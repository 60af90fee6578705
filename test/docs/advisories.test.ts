import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { advisories } from '../../tools/advisories/advisories.ts'
import { testsOf } from '../../tools/advisories/advisory-page.ts'
import { testsByName } from '../../tools/advisories/tests-by-name.ts'

test('G06: every advisory has a test that would have caught it, or says why there is nothing to test', (t) => {
  const tests = testsByName(fileURLToPath(new URL('../..', import.meta.url)))
  assert.ok(tests.length > 1000)
  let tested = 0
  for (const one of advisories) {
    const found = testsOf(one, tests)
    assert.ok(found.length > 0 !== (one.absent !== undefined), `${one.ids}: ${found.length} tests`)
    if (found.length > 0) tested += one.ids.length
  }
  const ids = advisories.flatMap((one) => one.ids)
  assert.equal(new Set(ids).size, ids.length)
  assert.ok(ids.length >= 70)
  t.diagnostic(`${ids.length} advisories, ${tested} with tests`)
})
