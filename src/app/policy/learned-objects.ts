import type { ObjectConfig } from '../../config/types/security-config.ts'
import type { ObjectIds, WrittenPlace } from '../../contract/objects/id-map.ts'
import { memberOf } from '../../contract/objects/object-ids.ts'
import { compileResolver } from '../../contract/route/resolve-url.ts'
import { compileRouter } from '../../contract/route/router.ts'
import { Unusable } from '../../kernel/finding.ts'
import type { LearnedRule, LedgerApi } from '../../stages/authorize/ledger/options.ts'
import type { SealedRule, SealingApi } from '../../stages/authorize/sealing/options.ts'
import type { PolicyApi, Selecting } from './policy.ts'

/** One object type of the configuration with the contract's type whose places it means. */
export interface TypedObject {
  readonly config: ObjectConfig
  readonly type: string
}

/** An API's object types that need the places of their ids. */
export interface PlacedObjects {
  readonly ids: ObjectIds
  readonly objects: readonly TypedObject[]
}

/** Finds the places of the ids of an API's learned and sealed types; undefined where it has none. */
export function placeObjects(policy: Selecting, api: PolicyApi): PlacedObjects | undefined {
  const configs = api.config.objects.filter((one) => one.learn !== undefined || one.seal !== undefined)
  if (configs.length === 0) return undefined
  const derived = api.contract.objectIds()
  const objects = configs.map((config) => ({ config, type: typeOf(config, derived) }))
  const written = objects.flatMap(({ config, type }) =>
    config.ids.map((place, i) => {
      if (!isPlace(place, api)) throw unknownPlace(policy, config, place, i)
      return { type, place }
    }),
  )
  const asId = objects.flatMap(({ config, type }): WrittenPlace[] =>
    config.id !== undefined && parameterPlace.test(config.id) && !isTyped(config.id, derived)
      ? [{ type, place: config.id }]
      : [],
  )
  return {
    ids: written.length + asId.length === 0 ? derived : api.contract.objectIds([...written, ...asId]),
    objects,
  }
}

const parameterPlace = /^(?:path|query|header|cookie)(?:\.[A-Za-z_]\w*|\[(?:'[^']+'|"[^"]+")\])$/
const schemaPlace = /^([^.[\]]+)\.([^.[\]]+)$/

/** True where the contract itself says of which type a parameter's ids are. */
function isTyped(place: string, ids: ObjectIds): boolean {
  return [...ids.operations.values()].some(({ parameters }) =>
    parameters.some((one) => one.confidence !== 'guess' && `${one.in}${memberOf(one.name)}` === place),
  )
}

/** The contract's type of the parameter that `id` reads, where it is just that; else the type of the same name. */
function typeOf(config: ObjectConfig, ids: ObjectIds): string {
  const match = /^(path|query|header|cookie)(?:\.([A-Za-z_]\w*)|\[(?:'([^']+)'|"([^"]+)")\])$/.exec(
    config.id ?? '',
  )
  const [, where, dotted, single, double] = match ?? []
  const name = dotted ?? single ?? double
  const counts = new Map<string, number>()
  if (name !== undefined)
    for (const { parameters } of ids.operations.values())
      for (const one of parameters)
        if (one.in === where && one.name === (where === 'header' ? name.toLowerCase() : name))
          counts.set(one.type, (counts.get(one.type) ?? 0) + 1)
  // A bare `id` names many types; the rule's own name then says which.
  if (counts.has(config.name)) return config.name
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? config.name
}

function isPlace(place: string, api: PolicyApi): boolean {
  const { operations, schemas } = api.contract
  const [, where, name] = /^(path|query|header|cookie)(?:\.|\[["'])([^"'\]]+)/.exec(place) ?? []
  if (where !== undefined)
    return operations.some((operation) =>
      operation.parameters.some(
        (one) =>
          one.in === where &&
          (where === 'header' ? one.name.toLowerCase() === name?.toLowerCase() : one.name === name),
      ),
    )
  const schema = schemaPlace.exec(place)?.[1]
  return schema !== undefined && schemas.includes(schema)
}

function unknownPlace(policy: Selecting, config: ObjectConfig, place: string, index: number): Unusable {
  return new Unusable([
    {
      rule: 'config.object-rule',
      severity: 'error',
      message: `object "${config.name}": the contract has no ${place}`,
      place: policy.loaded.place(`${config.pointer}/ids/${index}`),
      fix: 'write `path.NAME`, `query.NAME`, `header.NAME`, `cookie.NAME` or `Schema.property`',
    },
  ])
}

/** What the ledger is to learn of one API; undefined where nothing. */
export function ledgerApiOf(
  policy: Selecting,
  api: PolicyApi,
  placed: PlacedObjects | undefined,
): LedgerApi | undefined {
  if (placed === undefined) return undefined
  const rules = placed.objects.flatMap(({ config, type }) => {
    const rule = ruleOf(policy, api, config, type)
    return rule === undefined ? [] : [rule]
  })
  if (rules.length === 0) return undefined
  return {
    name: api.config.name,
    operations: api.contract.operations,
    ids: placed.ids,
    rules,
    resolve: resolverOf(api),
  }
}

/** What is to be sealed of one API; undefined where nothing. */
export function sealingApiOf(
  policy: Selecting,
  api: PolicyApi,
  placed: PlacedObjects | undefined,
): SealingApi | undefined {
  const rules = (placed?.objects ?? []).flatMap(({ config, type }): SealedRule[] =>
    config.seal === undefined
      ? []
      : [
          {
            name: config.name,
            type,
            mode: config.seal.mode,
            allow: config.allow,
            hidden: config.hidden ?? 403,
            place: policy.loaded.place(config.pointer),
          },
        ],
  )
  if (placed === undefined || rules.length === 0) return undefined
  return {
    name: api.config.name,
    basePath: api.basePath,
    operations: api.contract.operations,
    ids: placed.ids,
    rules,
    resolve: resolverOf(api),
  }
}

function resolverOf(api: PolicyApi): LedgerApi['resolve'] {
  const resolve = compileResolver(compileRouter(api.contract.operations), api.basePath)
  return (url) => {
    const found = resolve(url)
    return found === undefined ? undefined : { slot: found.operation.slot, params: found.params }
  }
}

function ruleOf(
  policy: Selecting,
  api: PolicyApi,
  config: ObjectConfig,
  type: string,
): LearnedRule | undefined {
  const { learn, pointer } = config
  if (learn === undefined) return undefined
  const slots = (selectors: readonly string[], at: string): ReadonlySet<number> | undefined =>
    selectors.length === 0
      ? undefined
      : new Set(policy.select(api, selectors, at).map((operation) => operation.slot))
  return {
    name: config.name,
    type,
    mode: learn.mode ?? config.mode ?? api.config.controls.object,
    kind: learn.kind,
    expiryMs: learn.expiry,
    alert: learn.alert,
    lock: learn.lock,
    from: slots(learn.from, `${pointer}/learn/from`),
    operations: slots(config.for, `${pointer}/for`),
    allow: config.allow,
    hidden: config.hidden ?? 403,
    place: policy.loaded.place(pointer),
  }
}
