import { createBlockRepository } from '../../src/repositories/block-repository.ts'
import { blockStoreSuite } from './block-store.ts'
import { createStateFiles } from './state-files.ts'

const files = createStateFiles(createBlockRepository)
blockStoreSuite('sqlite', { create: files.open, again: files.reopen })
