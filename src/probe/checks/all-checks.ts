import type { ProbeStage } from '../probe-stage.ts'
import { checkMissingCredential } from './missing-credential.ts'
import { checkObjectReads } from './object-reads.ts'

/** What is tested, in this order: what reads before what writes, bursts last. */
export const checks: readonly ProbeStage[] = [
  { name: 'credentials', rules: ['auth.missing', 'auth.any-credential'], run: checkMissingCredential },
  { name: 'objects of others', rules: ['bola.read', 'bola.list'], run: checkObjectReads },
]
