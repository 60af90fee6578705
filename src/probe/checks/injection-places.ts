import { isObject, own, type Schema } from '../../contract/schema.ts'
import type { Identity } from '../identity.ts'
import { bodyMembers, type Call, chooseMedia, withMember } from '../plan/build-call.ts'
import type { ProbeOperation } from '../plan/probe-operation.ts'
import type { World } from '../state/world.ts'

/** A place of a request where any text can be put. */
export interface Place {
  readonly operation: ProbeOperation
  readonly identity: Identity | undefined
  /** `query.q`, `path.name`, `body/title`. */
  readonly at: string
  readonly name: string
  /** The value of the request that works. */
  readonly value: string
  /** The contract has a number there. */
  readonly numeric: boolean
  readonly format: string
  /** The contract's example; empty where it has none. */
  readonly sample: string
  put(value: string): Call
}

/** Text places of an operation, over a request that works. */
export function placesOf(
  world: World,
  operation: ProbeOperation,
  identity: Identity | undefined,
  call: Call,
): readonly Place[] {
  const places: Place[] = []
  const resolve = (schema: Schema | undefined): Schema | undefined => world.contract.resolve(schema)
  for (const one of operation.declared.parameters) {
    if (one.in !== 'query' && one.in !== 'path') continue
    const node = resolve(one.schema)
    const type = isObject(node) ? own(node, 'type') : undefined
    if (type === 'boolean' || type === 'array' || type === 'object') continue
    const old =
      one.in === 'path' ? call.path.get(one.name) : call.query.find(([name]) => name === one.name)?.[1]
    const value =
      old ??
      String(
        world.valueNamed(one.name) ?? firstOf(node) ?? (type === 'integer' || type === 'number' ? 1 : 'a'),
      )
    places.push({
      operation,
      identity,
      at: `${one.in}.${one.name}`,
      name: one.name,
      value,
      numeric: type === 'integer' || type === 'number',
      format: String((isObject(node) && own(node, 'format')) || ''),
      sample: String((isObject(node) && own(node, 'example')) || ''),
      put: (text) =>
        one.in === 'path'
          ? { ...call, path: new Map([...call.path, [one.name, text]]) }
          : { ...call, query: [...call.query.filter(([name]) => name !== one.name), [one.name, text]] },
    })
  }
  if (!isObject(call.body)) return places
  const members = bodyMembers(chooseMedia(operation.declared.body?.media ?? []), resolve)
  for (const name of new Set([...members.keys(), ...Object.keys(call.body)])) {
    const node = resolve(members.get(name))
    const value = own(call.body, name)
    const type = isObject(node) ? own(node, 'type') : undefined
    if (type !== undefined && type !== 'string' && type !== 'integer' && type !== 'number') continue
    if (value !== undefined && typeof value !== 'string' && typeof value !== 'number') continue
    places.push({
      operation,
      identity,
      at: `body/${name}`,
      name,
      value: String(value ?? 'a'),
      numeric: type === 'integer' || type === 'number',
      format: String((isObject(node) && own(node, 'format')) || ''),
      sample: String((isObject(node) && own(node, 'example')) || ''),
      put: (text) => ({ ...call, body: withMember(call.body, [name], text) }),
    })
  }
  return places
}

function firstOf(node: Schema | undefined): unknown {
  if (!isObject(node)) return undefined
  const options = own(node, 'enum')
  return own(node, 'example') ?? (Array.isArray(options) ? options[0] : undefined) ?? own(node, 'default')
}
