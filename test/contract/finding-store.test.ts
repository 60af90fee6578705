import { createFindingRepository } from '../../src/repositories/finding-repository.ts'
import { findingStoreSuite } from './finding-store.ts'
import { createStateFiles } from './state-files.ts'

const files = createStateFiles(createFindingRepository)
findingStoreSuite('sqlite', { create: files.open, again: files.reopen })
