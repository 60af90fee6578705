import { createApiKeyRepository } from '../../src/repositories/api-key-repository.ts'
import { createMemoryApiKeyStore } from '../../src/stores/memory/api-key-store.ts'
import { apiKeyStoreSuite } from './api-key-store.ts'
import { createStateFiles } from './state-files.ts'

const files = createStateFiles(createApiKeyRepository)

apiKeyStoreSuite('memory', { create: async () => createMemoryApiKeyStore() })
apiKeyStoreSuite('sqlite', { create: files.open, reopen: files.reopen })
