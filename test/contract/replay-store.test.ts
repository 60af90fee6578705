import { createMemoryReplayStore } from '../../src/stores/memory/replay-store.ts'
import { replayStoreSuite } from './replay-store.ts'

replayStoreSuite('memory', { create: (capacity) => createMemoryReplayStore({ capacity }) })
