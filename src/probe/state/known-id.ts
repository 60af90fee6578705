import type { IdShape } from '../../contract/objects/id-map.ts'
import { parseIdName, typeOfCollection } from '../../contract/objects/id-name.ts'
import { flat } from '../../contract/objects/known-types.ts'
import { isObject } from '../../contract/schema.ts'
import { isOwnerName } from '../words.ts'

/** An id that a reply gave to an identity, or that it has by itself. */
export interface KnownId {
  readonly type: string
  readonly value: string | number
  /** Member that held it. */
  readonly name: string
  /** Values of the path of the request that gave it: `userId` → `7`. */
  readonly context: ReadonlyMap<string, string>
  /** Title of the operation that gave it. */
  readonly from: string
  readonly made: boolean
  /** The id of the object that holds it, rather than one that it refers to. */
  readonly own: boolean
  /** Whose the object is, where it says so. */
  readonly owner?: string
}

const maxIds = 60

/** Ids in a JSON reply: by the contract's schema where it has one, by the names of members where not. */
export function idsIn(
  value: unknown,
  shape: IdShape | undefined,
  collection: string,
  about: Pick<KnownId, 'context' | 'from' | 'made'>,
  /** Names of path parameters, flat, with the types of what they name. */
  keys: ReadonlyMap<string, string> = new Map(),
): readonly KnownId[] {
  const found: KnownId[] = []
  const add = (type: string, leaf: unknown, name: string, own: boolean, owner: string | undefined): void => {
    if (type === '' || found.length >= maxIds || !isId(leaf)) return
    if (found.some((one) => one.type === type && one.value === leaf)) return
    found.push({
      type,
      value: leaf,
      name,
      own,
      ...(own && owner !== undefined && owner !== String(leaf) && { owner }),
      ...about,
    })
  }
  const visit = (
    node: unknown,
    at: IdShape | undefined,
    name: string,
    parent: string,
    depth: number,
    owner?: string,
  ): void => {
    if (depth > 10 || found.length >= maxIds) return
    if (Array.isArray(node)) {
      for (const item of node.slice(0, 25)) visit(item, at?.items ?? at?.rest, name, parent, depth + 1, owner)
      return
    }
    if (isObject(node)) {
      const whose = ownerIn(node)
      for (const key of Object.keys(node)) {
        const child = node[key]
        const below = at?.members.get(key) ?? at?.rest
        const nested = typeof child === 'object' && child !== null
        visit(child, below, key, nested ? typeFor(key, parent) : parent, depth + 1, whose)
      }
      return
    }
    if (at?.id !== undefined) add(at.id.type, node, name, at.id.own === true, owner)
    const key = keys.get(flat(name)) ?? keys.get(`${parent}:${flat(name)}`)
    if (key !== undefined) add(key, node, name, true, owner)
    const id = parseIdName(name)
    if (id.kind === 'typed') add(id.type, node, name, id.type === parent, owner)
    else if (id.kind === 'bare' || id.kind === 'weak') add(parent, node, name, true, owner)
  }
  visit(value, shape, '', typeOfCollection(collection).type, 0)
  return found
}

/** The value by which an object names its owner. */
export function ownerIn(node: unknown): string | undefined {
  if (!isObject(node)) return undefined
  for (const key of Object.keys(node)) {
    if (!isOwnerName(key)) continue
    const value = node[key]
    if (typeof value === 'string' || typeof value === 'number') return String(value)
    const inside = isObject(value) ? (value['id'] ?? value['username'] ?? value['email']) : undefined
    if (typeof inside === 'string' || typeof inside === 'number') return String(inside)
  }
  return undefined
}

const envelopes =
  /^(?:data|items|results?|content|records|list|entries|rows|values|payload|response|body|embedded|_embedded|edges|node|objects?)$/i

function typeFor(key: string, parent: string): string {
  return envelopes.test(key) ? parent : typeOfCollection(key).type || parent
}

function isId(value: unknown): value is string | number {
  if (typeof value === 'number') return Number.isSafeInteger(value)
  return typeof value === 'string' && value.length > 0 && value.length <= 128 && !/[\s<>]/.test(value)
}

/** An id of the same form that nobody has. */
export function otherId(value: string | number, random: () => number): string {
  const text = String(value)
  if (/^\d+$/.test(text))
    return String(900_000_000 + Math.floor(random() * 90_000_000)).slice(0, Math.max(text.length, 9))
  const cut = Math.max(text.lastIndexOf('_'), text.lastIndexOf('-'))
  const uuid = /^[0-9a-f]{8}-/i.test(text)
  const from = uuid || cut < 0 || cut > text.length - 4 ? 0 : cut + 1
  const fresh = [...text.slice(from)].map((c, i) => {
    if (uuid && (i === 14 || i === 19)) return c
    if (/[0-9]/.test(c)) return String(Math.floor(random() * 10))
    if (/[a-f]/.test(c) && uuid) return '0123456789abcdef'[Math.floor(random() * 16)] ?? c
    if (/[a-z]/.test(c)) return String.fromCharCode(97 + Math.floor(random() * 26))
    if (/[A-Z]/.test(c)) return String.fromCharCode(65 + Math.floor(random() * 26))
    return c
  })
  return text.slice(0, from) + fresh.join('')
}
