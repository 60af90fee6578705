import { essenceOf, mediaKindOf } from '../compile/media-range.ts'
import type { DeclaredMedia, DeclaredParameter } from '../declared.ts'
import { isObject, isSchema, own, type Schema } from '../schema.ts'
import type { DocumentReader, Located } from './document.ts'
import { extensionOf } from './extension.ts'
import { quoted } from './report.ts'

const places = new Set(['path', 'query', 'header', 'cookie'])
const defaultStyles: Readonly<Record<string, string>> = {
  path: 'simple',
  query: 'form',
  header: 'simple',
  cookie: 'form',
}
const styles: Readonly<Record<string, ReadonlySet<string>>> = {
  path: new Set(['simple', 'label', 'matrix']),
  query: new Set(['form', 'spaceDelimited', 'pipeDelimited', 'deepObject', 'tabDelimited', 'simple']),
  header: new Set(['simple', 'tabDelimited', 'spaceDelimited', 'pipeDelimited']),
  cookie: new Set(['form', 'cookie']),
}

/** Reads `parameters` of a path item or an operation. */
export function readParameters(reader: DocumentReader, at: Located): readonly DeclaredParameter[] {
  const list = own(at.node, 'parameters')
  if (list === undefined || list === null) return []
  if (!Array.isArray(list)) {
    reader.error('contract.document', '`parameters` must be a list', at, '/parameters')
    return []
  }
  const found: DeclaredParameter[] = []
  const seen = new Set<string>()
  for (const [i, value] of list.entries()) {
    const located = reader.object(value, at.resource, `${at.pointer}/parameters/${i}`, 'a parameter')
    const parameter = located === undefined ? undefined : readParameter(reader, located)
    if (parameter === undefined || located === undefined) continue
    const key = keyOf(parameter)
    if (seen.has(key))
      reader.error(
        'contract.parameter-duplicate',
        `parameter ${quoted(parameter.name)} is declared twice`,
        located,
        '',
        'keep one of them',
      )
    seen.add(key)
    found.push(parameter)
  }
  return found
}

/** What makes two parameters the same one. */
export function keyOf(parameter: DeclaredParameter): string {
  return `${parameter.in} ${parameter.in === 'header' ? parameter.name.toLowerCase() : parameter.name}`
}

function readParameter(reader: DocumentReader, at: Located): DeclaredParameter | undefined {
  const { node } = at
  const name = own(node, 'name')
  const place = own(node, 'in')
  if (typeof name !== 'string' || name === '') {
    reader.error('contract.parameter', 'a parameter needs a `name`', at)
    return undefined
  }
  if (typeof place !== 'string' || !places.has(place)) {
    reader.error(
      'contract.parameter',
      `parameter ${quoted(name)}: \`in\` must be path, query, header or cookie`,
      at,
    )
    return undefined
  }
  const required = own(node, 'required') === true || place === 'path'
  if (place === 'path' && own(node, 'required') !== true)
    reader.warn(
      'contract.parameter-required',
      `path parameter ${quoted(name)} is always required`,
      at,
      '',
      'write `required: true`',
    )
  const written = own(node, 'style')
  let style = typeof written === 'string' ? written : (defaultStyles[place] as string)
  if (styles[place]?.has(style) !== true) {
    reader.error(
      'contract.parameter',
      `parameter ${quoted(name)}: style ${quoted(style)} is not for ${place} parameters`,
      at,
      '/style',
    )
    style = defaultStyles[place] as string
  }
  const explode = own(node, 'explode')
  let json = false
  let schema: Schema | undefined
  const content = readContent(reader, at)
  if (content !== undefined) {
    const [media] = content
    schema = media?.schema
    json = media !== undefined && mediaKindOf(media.range) === 'json'
  } else schema = readSchema(reader, at)
  if (schema === undefined)
    reader.warn(
      'contract.parameter-schema',
      `parameter ${quoted(name)} has no schema: any value passes`,
      at,
      '',
      'declare its `schema`',
    )
  return {
    in: place as DeclaredParameter['in'],
    name,
    required,
    style,
    explode: typeof explode === 'boolean' ? explode : style === 'form' || style === 'cookie',
    allowEmptyValue: own(node, 'allowEmptyValue') === true,
    schema,
    json,
    ...exampleOf(reader, at),
    extension: extensionOf(at),
    place: at.resource.source.place(at.pointer),
  }
}

/** Registers the `schema` member of a node; undefined where there is none. */
export function readSchema(reader: DocumentReader, at: Located): Schema | undefined {
  const schema = own(at.node, 'schema')
  if (schema === undefined || schema === null) return undefined
  if (!isSchema(schema)) {
    reader.error('contract.schema', '`schema` must be an object', at, '/schema')
    return false
  }
  reader.store.add(schema, at.resource, `${at.pointer}/schema`)
  return schema
}

/** Reads `content`: undefined where there is none. */
export function readContent(reader: DocumentReader, at: Located): readonly DeclaredMedia[] | undefined {
  if (own(at.node, 'content') === undefined) return undefined
  const media: DeclaredMedia[] = []
  for (const { name, value, pointer } of reader.entries(at, 'content', '`content`')) {
    const located = reader.object(value ?? {}, at.resource, pointer, 'a media type')
    if (located === undefined) continue
    const fieldStyles = new Map<string, string>()
    for (const { name: field, value: encoding } of reader.entries(located, 'encoding', '`encoding`')) {
      const style = isObject(encoding) ? own(encoding, 'style') : undefined
      const explode = isObject(encoding) ? own(encoding, 'explode') : undefined
      if (typeof style === 'string' && (style !== 'form' || explode === false))
        fieldStyles.set(field, style === 'form' ? 'commaDelimited' : style)
    }
    media.push({
      range: essenceOf(name),
      schema: readSchema(reader, located),
      ...exampleOf(reader, located),
      styles: fieldStyles,
    })
  }
  return media
}

/** `example`, else the first of `examples`; those that are references are passed over. */
function exampleOf(reader: DocumentReader, at: Located): { readonly example?: unknown } {
  const one = own(at.node, 'example')
  if (one !== undefined) return { example: one }
  for (const { value } of isObject(own(at.node, 'examples'))
    ? reader.entries(at, 'examples', '`examples`')
    : [])
    if (isObject(value) && own(value, 'value') !== undefined) return { example: own(value, 'value') }
  return {}
}
