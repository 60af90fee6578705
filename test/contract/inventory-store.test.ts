import { createInventoryRepository } from '../../src/repositories/inventory-repository.ts'
import { inventoryStoreSuite } from './inventory-store.ts'
import { createStateFiles } from './state-files.ts'

const files = createStateFiles(createInventoryRepository)
inventoryStoreSuite('sqlite', { create: files.open, again: files.reopen })
