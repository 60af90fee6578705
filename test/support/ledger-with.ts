import { fileURLToPath } from 'node:url'
import { type LoadedContract, loadContract } from '../../src/contract/load-contract.ts'
import { compileResolver } from '../../src/contract/route/resolve-url.ts'
import { compileRouter } from '../../src/contract/route/router.ts'
import type { Clock } from '../../src/kernel/clock.ts'
import type { LedgerStore } from '../../src/kernel/ledger-store.ts'
import { createLedger, type Ledger } from '../../src/stages/authorize/ledger/create-ledger.ts'
import type { LearnedRule } from '../../src/stages/authorize/ledger/options.ts'
import type { SealingApi } from '../../src/stages/authorize/sealing/options.ts'
import { policyPlace } from './authorize-with.ts'

/** The contract of the travel example. */
export function travelContract(): LoadedContract {
  const file = fileURLToPath(new URL('../../examples/travel/travel.openapi.yaml', import.meta.url))
  return loadContract({ file, api: 'travel' })
}

/** A learned type with the usual settings. */
export function learnedRule(name: string, more: Partial<LearnedRule> = {}): LearnedRule {
  return {
    name,
    type: name,
    mode: 'enforce',
    kind: 'shared',
    expiryMs: 86_400_000,
    from: undefined,
    operations: undefined,
    allow: undefined,
    hidden: 403,
    alert: 20,
    lock: undefined,
    place: policyPlace,
    ...more,
  }
}

/** The ledger over one contract. */
export function ledgerWith(
  contract: LoadedContract,
  store: LedgerStore,
  rules: readonly LearnedRule[],
  clock?: Clock,
): Ledger {
  const { operations } = contract
  const resolve = compileResolver(compileRouter(operations), '')
  return createLedger({
    apis: [
      {
        name: 'travel',
        operations,
        ids: contract.objectIds(),
        rules,
        resolve(url) {
          const found = resolve(url)
          return found === undefined ? undefined : { slot: found.operation.slot, params: found.params }
        },
      },
    ],
    store,
    ...(clock !== undefined && { clock }),
  })
}

/** One API whose ids of these types are sealed. */
export function sealingApiWith(contract: LoadedContract, types: readonly string[]): SealingApi {
  const resolve = compileResolver(compileRouter(contract.operations), '')
  return {
    name: 'travel',
    basePath: '',
    operations: contract.operations,
    ids: contract.objectIds(),
    rules: types.map((type) => ({
      name: type,
      type,
      mode: 'enforce',
      allow: undefined,
      hidden: 403,
      place: policyPlace,
    })),
    resolve(url) {
      const found = resolve(url)
      return found === undefined ? undefined : { slot: found.operation.slot, params: found.params }
    },
  }
}
