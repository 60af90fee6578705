import { createMemoryRateStore } from '../../src/stores/memory/rate-store.ts'
import { rateStoreSuite } from './rate-store.ts'

rateStoreSuite('memory', { create: () => createMemoryRateStore() })
rateStoreSuite('memory, one bucket, refusing when full', {
  create: () => createMemoryRateStore({ capacity: 16, whenFull: 'refuse' }),
})
