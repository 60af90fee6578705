import type { DeclaredOperation, DeclaredParameter } from '../declared.ts'
import { isObject, own, type Schema } from '../schema.ts'
import type { IdMark, ParameterId, WrittenPlace } from './id-map.ts'
import { isNoObject, isTechnicalId, parseIdName } from './id-name.ts'
import { type KnownTypes, typeOfPath, typePathParameter } from './known-types.ts'
import { nounOf, wordsOf } from './noun.ts'

/** Types every parameter of an operation that holds ids. */
export function typeParameters(operation: DeclaredOperation, types: KnownTypes): ParameterId[] {
  const found: ParameterId[] = []
  for (const parameter of operation.parameters) {
    const name = parameter.in === 'header' ? parameter.name.toLowerCase() : parameter.name
    const mark =
      writtenMark(types.written, parameter.in, name) ??
      (parameter.in === 'path'
        ? typePathParameter(operation, parameter, types)
        : typeOtherParameter(operation, parameter, types))
    if (mark === undefined) continue
    found.push({ ...mark, in: parameter.in, name, separator: separatorOf(parameter, types) })
  }
  return found
}

const separators: Readonly<Record<string, string>> = {
  spaceDelimited: ' ',
  pipeDelimited: '|',
  tabDelimited: '\t',
}

/** What stands between the elements of a list in one value (OpenAPI 3.1 §4.8.12.3). */
function separatorOf(parameter: DeclaredParameter, types: KnownTypes): string | undefined {
  const node = types.resolve(parameter.schema)
  if (!isObject(node) || own(node, 'type') !== 'array') {
    // `ids=1,2,3` of a text: many ids by its name.
    return parseIdName(parameter.name).many && isObject(node) && own(node, 'type') === 'string'
      ? ','
      : undefined
  }
  if (parameter.explode && (parameter.in === 'query' || parameter.in === 'cookie')) return undefined
  return separators[parameter.style] ?? ','
}

function writtenMark(written: readonly WrittenPlace[], where: string, name: string): IdMark | undefined {
  for (const { type, place } of written)
    if (place === `${where}.${name}` || place === `${where}["${name}"]` || place === `${where}['${name}']`)
      return { type, confidence: 'certain', reason: 'the configuration says so' }
  return undefined
}

/** Types a query, header or cookie parameter, or a member of one. */
export function typeOtherParameter(
  operation: DeclaredOperation,
  parameter: DeclaredParameter,
  types: KnownTypes,
): IdMark | undefined {
  const { name, schema } = parameter
  if (isTechnicalId(name)) return undefined
  const node = types.resolve(schema)
  const items = isObject(node) && own(node, 'type') === 'array' ? (own(node, 'items') as Schema) : undefined
  const told = types.ofSchema(schema) ?? types.ofSchema(items)
  if (told !== undefined) return told
  if (!types.isOpenScalar(items ?? schema)) return undefined
  const id = parseIdName(name.replace(/^x-/i, '').replace(/\[\]$/, ''))
  if (id.kind === 'typed')
    return {
      type: id.type,
      confidence: types.has(id.type) ? 'certain' : 'likely',
      reason: 'its name is that of an id',
    }
  if (id.kind === 'bare') {
    const type = typeOfPath(operation, types)
    return type === undefined
      ? { type: 'object', confidence: 'guess', reason: 'an id of nothing in particular' }
      : { type, confidence: 'likely', reason: 'an id in an operation on that type' }
  }
  if (isNoObject(name)) return undefined
  const own2 = nounOf(wordsOf(name))
  if (!types.has(own2)) return undefined
  return { type: own2, confidence: 'guess', reason: 'named like a known type' }
}
