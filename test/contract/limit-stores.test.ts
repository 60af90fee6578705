import { createMemoryPlaceStore } from '../../src/stores/memory/place-store.ts'
import { createMemoryQuotaStore } from '../../src/stores/memory/quota-store.ts'
import { createMemoryWindowStore } from '../../src/stores/memory/window-store.ts'
import { placeStoreSuite } from './place-store.ts'
import { quotaStoreSuite } from './quota-store.ts'
import { windowStoreSuite } from './window-store.ts'

windowStoreSuite('memory', { create: () => createMemoryWindowStore({ capacity: 64, seed: [1, 2] }) })
quotaStoreSuite('memory', { create: () => createMemoryQuotaStore({ capacity: 64, seed: [1, 2] }) })
placeStoreSuite('memory', { create: () => createMemoryPlaceStore() })
