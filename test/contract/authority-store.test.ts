import { createSqliteStateStore } from '../../src/stores/sqlite/state-store.ts'
import { authorityStoreSuite } from './authority-store.ts'

authorityStoreSuite('sqlite', () => createSqliteStateStore(':memory:'))
