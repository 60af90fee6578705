import type {
  InventoryItem,
  InventoryOperation,
  InventoryReply,
  InventoryRow,
  ShadowOperation,
  UndocumentedReply,
} from '../../admin/contract.ts'
import type { SeenName, Sighting } from '../../kernel/inventory.ts'
import type { Operation } from '../../kernel/operation.ts'
import { Distinct } from '../../stages/record/inventory/distinct.ts'
import { draftOperation } from './draft-operation.ts'

/** What contracts declare beside what was seen. */
export function inventoryOf(
  operations: readonly Operation[],
  sightings: readonly Sighting[],
  now: number,
): InventoryReply {
  const seen = new Map(
    sightings.filter(({ kind }) => kind === 'operation').map((one) => [`${one.api}\0${one.name}`, one]),
  )
  const declared = operations.map((operation) =>
    declaredOf(operation, seen.get(`${operation.api}\0${operation.id}`)),
  )
  const shadow = sightings
    .filter(({ kind }) => kind === 'shadow')
    .map(shadowOf)
    .sort((a, b) => Number(b.likely === 'client') - Number(a.likely === 'client') || b.calls - a.calls)
  const first = sightings.reduce((least, one) => Math.min(least, one.first), Number.POSITIVE_INFINITY)
  const inState = (state: InventoryOperation['state']): number =>
    declared.filter((one) => one.state === state).length
  return {
    at: new Date(now).toISOString(),
    since: Number.isFinite(first) ? new Date(first).toISOString() : null,
    summary: {
      declared: declared.length,
      seen: declared.length - inState('never-called'),
      neverCalled: inState('never-called'),
      deprecatedInUse: inState('deprecated-in-use'),
      shadow: shadow.length,
      undocumented: declared.filter((one) => one.undocumented.length > 0).length,
      sensitive: declared.filter((one) => one.data.length > 0).length,
    },
    items: [...declared.map(rowOf), ...shadow.map(shadowRowOf)],
    operations: declared,
    shadow,
  }
}

function declaredOf(operation: Operation, seen: Sighting | undefined): InventoryOperation {
  const { api, method, template, id, deprecated } = operation
  return {
    ...itemOf(api, method, template, seen),
    id,
    deprecated,
    state: seen === undefined ? 'never-called' : deprecated ? 'deprecated-in-use' : 'seen',
    declaredAuthentication: operation.security.map((alternative) => alternative.map(({ scheme }) => scheme)),
    undocumented: [
      ...(seen?.parameters ?? []).map((one) => undocumented(one, 'query', one.name)),
      ...(seen?.properties ?? []).map((one) => {
        const [where = '', pointer = ''] = one.name.split(' ')
        return undocumented(one, where === 'request' ? 'request' : 'reply', pointer)
      }),
    ],
    data: seen?.data ?? [],
  }
}

function shadowOf(seen: Sighting): ShadowOperation {
  const [method = '', ...rest] = seen.name.split(' ')
  const template = rest.join(' ')
  return {
    ...itemOf(seen.api, method, template, seen),
    likely: seen.authentication.some(([kind]) => kind !== 'none' && kind !== 'cookie') ? 'client' : 'scanner',
    parameters: seen.parameters.map((one) => undocumented(one, 'query', one.name)),
    mediaTypes: Object.fromEntries(seen.mediaTypes),
    draft: draftOperation(seen, method, template),
  }
}

function rowOf(one: InventoryOperation): InventoryRow {
  return {
    ...shortOf(one),
    operation: one.id,
    state:
      one.state === 'seen' ? 'called' : one.state === 'deprecated-in-use' ? 'deprecated' : 'never-called',
    undocumented: one.undocumented.map(({ in: where, name }) => `${where} ${name}`),
    dataClasses: [...new Set(one.data.map(({ class: kind }) => kind))],
  }
}

function shadowRowOf(one: ShadowOperation): InventoryRow {
  return {
    ...shortOf(one),
    operation: null,
    state: 'shadow',
    undocumented: one.parameters.map(({ name }) => `query ${name}`),
    dataClasses: [],
    draft: JSON.stringify(one.draft, null, 2),
  }
}

function shortOf(
  one: InventoryItem,
): Omit<InventoryRow, 'operation' | 'state' | 'undocumented' | 'dataClasses'> {
  const { api, method, template, calls, callers, authentication, lastSeen } = one
  return {
    api,
    method,
    path: template,
    calls,
    callers,
    authentication: Object.keys(authentication),
    lastSeen,
  }
}

function itemOf(api: string, method: string, template: string, seen: Sighting | undefined): InventoryItem {
  return {
    api,
    method,
    template,
    calls: seen?.calls ?? 0,
    refused: seen?.refused ?? 0,
    firstSeen: seen === undefined ? null : new Date(seen.first).toISOString(),
    lastSeen: seen === undefined ? null : new Date(seen.last).toISOString(),
    callers: seen === undefined ? 0 : new Distinct(seen.callers).count,
    statuses: Object.fromEntries(seen?.statuses ?? []),
    authentication: Object.fromEntries(seen?.authentication ?? []),
  }
}

function undocumented(
  { type, calls }: SeenName,
  where: UndocumentedReply['in'],
  name: string,
): UndocumentedReply {
  return { name, in: where, type, calls }
}
