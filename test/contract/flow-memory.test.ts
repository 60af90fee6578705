import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { FlowMemory } from '../../src/kernel/flow-memory.ts'
import { createFlowMemory } from '../../src/stages/authorize/flows/flow-memory.ts'
import { createSharedFlows } from '../../src/stores/memory/shared-flows.ts'
import { createSharedMemory } from '../../src/stores/memory/shared-memory.ts'

/** What every memory of flows does; `make` gives two that are one, with room for at least so many callers. */
function flowMemorySuite(name: string, make: (capacity: number) => readonly [FlowMemory, FlowMemory]): void {
  describe(`flow memory: ${name}`, () => {
    const now = Date.now()

    it('knows what a caller completed, and of nobody else', () => {
      const [one, other] = make(64)
      one.note('a', 3, 0, now)
      assert.equal(other.at('a', 0), now)
      assert.deepEqual([other.at('a', 1), other.at('b', 0), other.at('a', 7)], [0, 0, 0])
      other.note('a', 3, 1, now + 5)
      assert.deepEqual([one.at('a', 0), one.at('a', 1)], [now, now + 5])
    })

    it('a step is taken once', () => {
      const [one, other] = make(64)
      one.note('a', 2, 0, now)
      assert.equal(other.take('a', 0, now - 1), false, 'it was completed at another time')
      assert.deepEqual([one.take('a', 0, now), other.take('a', 0, now)], [true, false])
      assert.equal(one.at('a', 0), 0)
      assert.equal(one.take('nobody', 0, now), false)
    })

    it('a flow that has other steps now begins again', () => {
      const [one, other] = make(64)
      one.note('a', 2, 0, now)
      other.note('a', 3, 1, now)
      assert.deepEqual([one.at('a', 0), one.at('a', 1)], [0, now])
    })

    it('is bounded: who did nothing for longest is forgotten', () => {
      const [one, other] = make(64)
      for (let i = 0; i < 1_000; i++) (i % 2 === 0 ? one : other).note(`c${i}`, 2, 0, now + i * 1_000)
      assert.ok(one.forgotten + other.forgotten >= 900)
      assert.equal(one.at('c999', 0), now + 999_000)
      assert.equal(one.at('c0', 0), 0)
    })
  })
}

flowMemorySuite('of one thread', (capacity) => {
  const memory = createFlowMemory(capacity)
  return [memory, { ...memory, forgotten: 0 }]
})
flowMemorySuite('shared', (flows) => {
  const sizes = { rates: 16, windows: 16, quotas: 16, places: 16, connections: 16, replays: 16 }
  const memory = createSharedMemory({
    ...sizes,
    objects: 16,
    holders: 16,
    destinations: 16,
    scopes: 16,
    flows,
  })
  return [createSharedFlows(memory, 1), createSharedFlows(memory, 2)]
})
