import { createMemoryRateStore } from '../../src/stores/memory/rate-store.ts'
import { rateStoreSuite } from './rate-store.ts'

rateStoreSuite('memory', { create: () => createMemoryRateStore() })
// The seed is fixed: with so few slots another one may put too many of the suite's keys into one bucket.
rateStoreSuite('memory, one bucket, refusing when full', {
  create: () => createMemoryRateStore({ capacity: 16, whenFull: 'refuse', seed: [1, 2] }),
})
