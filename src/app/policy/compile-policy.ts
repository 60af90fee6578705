import type { LoadedConfig } from '../../config/loaded-config.ts'
import { type ContractOptions, loadContract } from '../../contract/load-contract.ts'
import { select } from '../../contract/select.ts'
import { type Finding, Unusable } from '../../kernel/finding.ts'
import type { Operation } from '../../kernel/operation.ts'
import { compileAsked } from '../../stages/authorize/asking/compile-asked.ts'
import { createAuthorize } from '../../stages/authorize/create-authorize.ts'
import { createLedger } from '../../stages/authorize/ledger/create-ledger.ts'
import { compileSealing } from '../../stages/authorize/sealing/compile-sealing.ts'
import { createMemoryLedger } from '../../stores/memory/ledger-store.ts'
import { apiPolicyOf } from './api-policy.ts'
import { askingApiOf } from './asked-objects.ts'
import { contentFindings } from './content-plans.ts'
import { type JoinedRules, joinContractRules } from './contract-rules.ts'
import { coverageOf } from './coverage.ts'
import { exposedApiOf } from './exposed-api.ts'
import { flowRulesOf } from './flow-rules.ts'
import { joinGuards, withoutLearned } from './learned-guards.ts'
import { ledgerApiOf, placeObjects, sealingApiOf } from './learned-objects.ts'
import type { Policy, PolicyApi } from './policy.ts'

/** Loads the contracts and checks every rule against them. Throws `Unusable` with all that is wrong. */
export async function compilePolicy(
  file: LoadedConfig,
  options: Pick<ContractOptions, 'budgetMs'> = {},
): Promise<Policy> {
  const apis: PolicyApi[] = []
  const joined: JoinedRules[] = []
  const broken: Finding[] = []
  let firstSlot = 0
  for (const config of file.config.apis) {
    try {
      const contract = await loadContract({
        file: config.contract,
        api: config.name,
        firstSlot,
        guarded: config.properties.map((rule) => rule.name),
        ...options,
      })
      firstSlot += contract.operations.length
      const rules = joinContractRules(config, contract)
      joined.push(rules)
      apis.push({ config: rules.config, contract, basePath: config.basePath ?? contract.basePath })
    } catch (error) {
      if (!(error instanceof Unusable)) throw error
      broken.push(...error.findings)
    }
  }
  if (broken.length > 0) throw new Unusable(broken)
  const loaded = { ...file, place: placesOf(file, joined) }
  const selecting = {
    loaded,
    select: (api: PolicyApi, selectors: readonly string[], pointer: string) =>
      selectAt(loaded, api, selectors, pointer),
  }
  for (const api of [...apis]) {
    const exposed = exposedApiOf(selecting, api, firstSlot)
    if (exposed === undefined) continue
    firstSlot += exposed.contract.operations.length
    apis.push(exposed)
  }
  const operations = apis.flatMap((api) => api.contract.operations)
  const base = {
    ...selecting,
    apis,
    operations,
  }
  const authorize = createAuthorize({ apis: apis.map((api) => apiPolicyOf(base, api)) })
  const placed = apis.map((api) => ({ api, objects: placeObjects(base, api) }))
  const learned = placed.flatMap(({ api, objects }) => ledgerApiOf(base, api, objects) ?? [])
  const sealed = placed.flatMap(({ api, objects }) => sealingApiOf(base, api, objects) ?? [])
  const sealing = sealed.flatMap((api) => compileSealing(api).findings)
  const asked = apis.flatMap((api) => askingApiOf(base, api) ?? [])
  for (const api of asked) compileAsked(api)
  for (const api of apis) flowRulesOf(base, api)
  const ledger = createLedger({ apis: learned, store: createMemoryLedger({ secret: new Uint8Array(16) }) })
  const useless = ledger.findings.filter((finding) => finding.severity === 'error')
  if (useless.length > 0) throw new Unusable(useless)
  const unsound = contentFindings(base, apis)
  const unkept = unsound.filter((finding) => finding.severity === 'error')
  if (unkept.length > 0) throw new Unusable(unkept)
  const findings = [
    ...loaded.findings,
    ...unsound,
    ...apis.flatMap((api) => api.contract.findings),
    ...joined.flatMap((rules) => rules.findings),
    ...withoutLearned(authorize.findings, [...learned, ...sealed]),
    ...ledger.findings,
    ...sealing,
  ]
  const guards = joinGuards(authorize.guards, ledger.guards, learned, sealed)
  return {
    ...base,
    learned,
    asked,
    sealed,
    findings,
    coverage: () => coverageOf({ ...base, findings }, guards),
  }
}

/** Places of rules in the file, and in the contracts. */
function placesOf(file: LoadedConfig, joined: readonly JoinedRules[]): LoadedConfig['place'] {
  return (pointer) => {
    for (const rules of joined) {
      const place = rules.place(pointer)
      if (place !== undefined) return place
    }
    return file.place(pointer)
  }
}

/** Adds the place in the file to what a selector has against it. */
function selectAt(
  loaded: LoadedConfig,
  api: PolicyApi,
  selectors: readonly string[],
  pointer: string,
): readonly Operation[] {
  if (selectors.length === 0) return []
  try {
    return select(selectors, [api.contract])
  } catch (error) {
    if (!(error instanceof Unusable)) throw error
    throw new Unusable(error.findings.map((finding) => ({ ...finding, place: loaded.place(pointer) })))
  }
}
