import { createHoldRepository } from '../../src/repositories/hold-repository.ts'
import { holdStoreSuite } from './hold-store.ts'
import { createStateFiles } from './state-files.ts'

const files = createStateFiles(createHoldRepository)
holdStoreSuite('sqlite', { create: files.open, again: files.reopen })
