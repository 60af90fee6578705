import { createIdentityKeyRepository } from '../../src/repositories/identity-keys.ts'
import { identityKeySuite } from './identity-keys.ts'
import { createStateFiles } from './state-files.ts'

const files = createStateFiles(createIdentityKeyRepository)
identityKeySuite('sqlite', { create: files.open, again: files.reopen, atOnce: false })
