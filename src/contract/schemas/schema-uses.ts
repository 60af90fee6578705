import type { DeclaredOperation } from '../declared.ts'
import { eachSubschema, isObject, type JsonObject, type Schema } from '../schema.ts'
import type { SchemaStore } from './schema-store.ts'

/** Slots of the operations that use a component schema in a request or reply, at any depth. */
export type SchemaUses = (name: string) => ReadonlySet<number>

const none: ReadonlySet<number> = new Set()

/** Finds which operations reach which component schemas; computed on the first question. */
export function collectUses(
  operations: readonly DeclaredOperation[],
  named: ReadonlyMap<string, Schema>,
  store: SchemaStore,
  firstSlot: number,
): SchemaUses {
  let uses: ReadonlyMap<string, ReadonlySet<number>> | undefined
  return (name) => {
    uses ??= computeUses(operations, named, store, firstSlot)
    return uses.get(name) ?? none
  }
}

function computeUses(
  operations: readonly DeclaredOperation[],
  named: ReadonlyMap<string, Schema>,
  store: SchemaStore,
  firstSlot: number,
): ReadonlyMap<string, ReadonlySet<number>> {
  const names = new Map<JsonObject, string>()
  const uses = new Map<string, Set<number>>()
  for (const [name, schema] of named) if (isObject(schema)) names.set(schema, name)
  for (const [i, operation] of operations.entries())
    for (const node of reached(schemasOf(operation), store)) {
      const name = names.get(node)
      if (name === undefined) continue
      const slots = uses.get(name) ?? new Set()
      slots.add(firstSlot + i)
      uses.set(name, slots)
    }
  return uses
}

function schemasOf(operation: DeclaredOperation): Schema[] {
  const media = [...(operation.body?.media ?? []), ...operation.responses.flatMap((r) => r.media ?? [])]
  return [...operation.parameters.map((p) => p.schema), ...media.map((m) => m.schema)].filter(
    (schema) => schema !== undefined,
  )
}

function reached(roots: readonly Schema[], store: SchemaStore): Set<JsonObject> {
  const seen = new Set<JsonObject>(roots.filter(isObject))
  const add = (schema: Schema | undefined): void => {
    if (isObject(schema)) seen.add(schema)
  }
  for (const node of seen) {
    add(store.targets.get(node))
    add(store.dynamicTargets.get(node)?.target)
    eachSubschema(node, false, add)
    const heirs = store.heirs.get(node)
    if (heirs !== undefined) for (const heir of heirs.values()) add(heir)
  }
  return seen
}
