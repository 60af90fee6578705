import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createMemoryTaintStore } from '../../src/stores/memory/taint-store.ts'
import { taintStoreSuite } from './taint-store.ts'

taintStoreSuite('memory', (each) => createMemoryTaintStore({ each }))

test('memory is bounded over all scopes: the one that was quiet longest goes first', () => {
  const store = createMemoryTaintStore({ each: 10, total: 100 })
  for (let i = 0; i < 50; i++)
    store.mark(
      `caller-${i}`,
      Array.from({ length: 10 }, (_, k) => `${i}-${k}`),
      false,
      10,
      1,
    )
  assert.equal(store.tainted('caller-0', ['0-0'], 1), 0)
  assert.equal(store.tainted('caller-49', ['49-9'], 1), 1)
})
