import { createRevocationRepository } from '../../src/repositories/revocation-repository.ts'
import { createMemoryRevocationStore } from '../../src/stores/memory/revocation-store.ts'
import { revocationStoreSuite } from './revocation-store.ts'
import { createStateFiles } from './state-files.ts'

const files = createStateFiles(createRevocationRepository)

revocationStoreSuite('memory', { create: async () => createMemoryRevocationStore() })
revocationStoreSuite('sqlite', { create: files.open, reopen: files.reopen })
