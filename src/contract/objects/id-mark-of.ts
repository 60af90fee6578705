import { isObject, own } from '../schema.ts'
import type { IdMark } from './id-map.ts'
import { actors, isCallId, isQualified, parseIdName, sameKind } from './id-name.ts'
import { flat, isPersonType, type KnownTypes } from './known-types.ts'
import { nounOf, wordsOf } from './noun.ts'
import type { Flat, Site } from './site-reader.ts'

/** What makes a property an id; undefined where it is none. `written`: the type that the configuration says. */
export function markOf(
  site: Site,
  all: Flat,
  types: KnownTypes,
  written: string | undefined,
): IdMark | undefined {
  const property = site.property as string
  const { parent } = site
  const itself = (type: string): { own: true } | undefined =>
    parent !== undefined && sameKind(parent, type) && !isQualified(property) ? { own: true } : undefined
  if (written !== undefined)
    return { type: written, confidence: 'certain', reason: 'the configuration says so', ...itself(written) }
  if (all.told !== undefined) return { ...all.told, ...itself(all.told.type) }
  const id = parseIdName(property)
  if (isCallId(property)) return undefined
  if (id.kind === 'typed') {
    const [first] = wordsOf(id.type)
    if (first !== undefined && actors.has(first) && types.person !== undefined && !types.has(id.type))
      return { type: types.person, confidence: 'likely', reason: 'the id of somebody' }
    if (parent !== undefined && sameKind(parent, id.type))
      return isQualified(property) || id.many
        ? { type: parent, confidence: 'certain', reason: 'the id of another of its kind' }
        : { type: parent, confidence: 'certain', reason: 'the object’s own id', own: true }
    return {
      type: id.type,
      confidence: types.has(id.type) ? 'certain' : 'likely',
      reason: 'its name is that of an id',
    }
  }
  if (id.kind === 'bare' && /id$|^_id$|pk$|urn$|identifier$/i.test(property)) {
    if (parent === undefined) return undefined
    const own2 = wordsOf(property).length === 1
    return {
      type: parent,
      confidence: types.has(parent) ? 'certain' : 'likely',
      reason: own2 ? 'the object’s own id' : 'the id of another of its kind',
      ...(own2 && !id.many && { own: true }),
    }
  }
  if (parent !== undefined && types.keys.get(parent)?.has(flat(property)) === true)
    return { type: parent, confidence: 'certain', reason: 'the key that paths name it by', own: true }
  const noun = nounOf(wordsOf(property))
  if (types.has(noun) && noun !== parent && id.kind === 'none')
    return {
      type: noun,
      confidence: all.members.size > 0 ? 'likely' : 'guess',
      reason: 'named like a known type',
    }
  return undefined
}

/** The member that names an object's owner: a person's id in an object that is no person. */
export function ownerOf(all: Flat, types: KnownTypes): string | undefined {
  for (const [name, [site]] of all.members) {
    if (site?.parent === undefined || isPersonType(site.parent)) continue
    const id = parseIdName(name)
    const [first] = wordsOf(name)
    if (id.kind === 'typed' && !id.many && (isPersonType(id.type) || actors.has(id.type))) return name
    if (id.kind === 'none' && first !== undefined && actors.has(first) && wordsOf(name).length === 1) {
      const node = types.resolve(site.schema)
      if (isObject(node) && own(node, 'type') === 'string') return name
    }
  }
  return undefined
}
