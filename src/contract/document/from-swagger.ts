import { isObject, type JsonObject, own } from '../schema.ts'

/** Finds what a reference in the document names; undefined where it names nothing. */
export type Follow = (reference: string) => unknown

const methods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch']
const schemaKeywords = [
  'type',
  'format',
  'items',
  'enum',
  'default',
  'maximum',
  'exclusiveMaximum',
  'minimum',
  'exclusiveMinimum',
  'maxLength',
  'minLength',
  'pattern',
  'maxItems',
  'minItems',
  'uniqueItems',
  'multipleOf',
]
const formTypes = ['multipart/form-data', 'application/x-www-form-urlencoded']

/**
 * OpenAPI 2.0 → 3: body and form parameters become request bodies, `definitions` become components. Schema
 * objects are taken over as they are. `origins` learns where rebuilt objects stood.
 */
export function fromSwagger(root: JsonObject, follow: Follow, origins: WeakMap<object, string>): JsonObject {
  const document: JsonObject = { openapi: '3.1.1' }
  for (const key of ['info', 'tags', 'externalDocs', 'security'])
    if (root[key] !== undefined) document[key] = root[key]
  for (const key of Object.keys(root)) if (key.startsWith('x-')) document[key] = root[key]
  document['servers'] = servers(root)
  const paths: JsonObject = {}
  const declared = own(root, 'paths')
  if (isObject(declared))
    for (const template of Object.keys(declared)) {
      const pointer = `/paths/${template.replaceAll('~', '~0').replaceAll('/', '~1')}`
      paths[template] = pathItem(declared[template], root, follow, origins, pointer)
    }
  else document['paths'] = declared
  document['paths'] ??= paths
  const components: JsonObject = {}
  if (own(root, 'definitions') !== undefined) components['schemas'] = root['definitions']
  const schemes = own(root, 'securityDefinitions')
  if (isObject(schemes)) {
    const converted: JsonObject = {}
    for (const name of Object.keys(schemes)) converted[name] = securityScheme(schemes[name])
    components['securitySchemes'] = converted
  }
  document['components'] = components
  return document
}

function servers(root: JsonObject): unknown[] {
  const host = own(root, 'host')
  const basePath = own(root, 'basePath')
  const schemes = own(root, 'schemes')
  const scheme = Array.isArray(schemes) && typeof schemes[0] === 'string' ? `${schemes[0]}:` : ''
  const path = typeof basePath === 'string' ? basePath : '/'
  return [{ url: typeof host === 'string' ? `${scheme}//${host}${path}` : path }]
}

function pathItem(
  item: unknown,
  root: JsonObject,
  follow: Follow,
  origins: WeakMap<object, string>,
  pointer: string,
): unknown {
  if (!isObject(item)) return item
  const out: JsonObject = {}
  const shared = parameters(own(item, 'parameters'), follow, `${pointer}/parameters`)
  for (const key of Object.keys(item)) {
    if (key === 'parameters') continue
    const value = item[key]
    out[key] =
      methods.includes(key) && isObject(value)
        ? operation(value, shared, root, follow, origins, `${pointer}/${key}`)
        : value
  }
  return out
}

interface Found {
  readonly node: unknown
  readonly pointer: string
}

function parameters(list: unknown, follow: Follow, pointer: string): readonly Found[] {
  if (!Array.isArray(list)) return []
  return list.map((node, i) => {
    const reference = isObject(node) ? own(node, '$ref') : undefined
    return {
      node: typeof reference === 'string' ? (follow(reference) ?? node) : node,
      pointer: `${pointer}/${i}`,
    }
  })
}

function operation(
  node: JsonObject,
  shared: readonly Found[],
  root: JsonObject,
  follow: Follow,
  origins: WeakMap<object, string>,
  pointer: string,
): JsonObject {
  const out: JsonObject = {}
  for (const key of Object.keys(node))
    if (!['parameters', 'responses', 'consumes', 'produces', 'schemes'].includes(key)) out[key] = node[key]
  const own2 = parameters(own(node, 'parameters'), follow, `${pointer}/parameters`)
  const named = new Set(own2.map(({ node: p }) => keyOf(p)))
  const all = [...shared.filter(({ node: p }) => !named.has(keyOf(p))), ...own2]
  const kept: unknown[] = []
  const fields: JsonObject[] = []
  for (const { node: parameter, pointer: at } of all) {
    if (!isObject(parameter)) kept.push(parameter)
    else if (parameter['in'] === 'body') out['requestBody'] = bodyOf(parameter, list(node, root, 'consumes'))
    else if (parameter['in'] === 'formData') fields.push(parameter)
    else {
      const converted = plainParameter(parameter)
      origins.set(converted, at)
      kept.push(converted)
    }
  }
  if (fields.length > 0) out['requestBody'] = formOf(fields, list(node, root, 'consumes'))
  if (kept.length > 0) out['parameters'] = kept
  const responses = own(node, 'responses')
  out['responses'] = isObject(responses)
    ? mapResponses(responses, list(node, root, 'produces'), follow)
    : responses
  return out
}

function keyOf(parameter: unknown): string {
  return isObject(parameter) ? `${String(parameter['in'])} ${String(parameter['name'])}` : ''
}

function list(node: JsonObject, root: JsonObject, key: 'consumes' | 'produces'): string[] {
  const types = own(node, key) ?? own(root, key)
  const strings = Array.isArray(types) ? types.filter((t): t is string => typeof t === 'string') : []
  return strings.length > 0 ? strings : ['application/json']
}

function bodyOf(parameter: JsonObject, types: readonly string[]): JsonObject {
  const media = { schema: own(parameter, 'schema') ?? {} }
  return {
    required: parameter['required'] === true,
    content: Object.fromEntries(types.map((type) => [type, media])),
  }
}

function formOf(fields: readonly JsonObject[], types: readonly string[]): JsonObject {
  const properties: JsonObject = Object.create(null) as JsonObject
  const encoding: JsonObject = Object.create(null) as JsonObject
  for (const field of fields) {
    const name = String(field['name'])
    properties[name] = schemaOf(field)
    if (field['type'] === 'array') encoding[name] = styleOf(field, 'form')
  }
  const required = fields.filter((f) => f['required'] === true).map((f) => String(f['name']))
  const forms = types.filter((type) => formTypes.includes(type))
  const file = fields.some((f) => f['type'] === 'file')
  const media = {
    schema: { type: 'object', properties, required },
    encoding,
  }
  const names =
    forms.length > 0 ? forms : [file ? 'multipart/form-data' : 'application/x-www-form-urlencoded']
  return { required: required.length > 0, content: Object.fromEntries(names.map((type) => [type, media])) }
}

function plainParameter(parameter: JsonObject): JsonObject {
  const out: JsonObject = {}
  for (const key of Object.keys(parameter))
    if (!schemaKeywords.includes(key) && key !== 'collectionFormat') out[key] = parameter[key]
  out['schema'] = schemaOf(parameter)
  const place = parameter['in']
  if (parameter['type'] === 'array')
    Object.assign(out, styleOf(parameter, place === 'query' ? 'form' : 'simple'))
  return out
}

function schemaOf(parameter: JsonObject): JsonObject {
  const schema: JsonObject = {}
  for (const key of schemaKeywords) if (Object.hasOwn(parameter, key)) schema[key] = parameter[key]
  return schema
}

function styleOf(parameter: JsonObject, plain: string): JsonObject {
  switch (parameter['collectionFormat']) {
    case 'multi':
      return { style: 'form', explode: true }
    case 'ssv':
      return { style: 'spaceDelimited', explode: false }
    case 'pipes':
      return { style: 'pipeDelimited', explode: false }
    case 'tsv':
      return { style: 'tabDelimited', explode: false }
    default:
      return { style: plain, explode: false }
  }
}

function mapResponses(responses: JsonObject, types: readonly string[], follow: Follow): JsonObject {
  const out: JsonObject = {}
  for (const status of Object.keys(responses)) {
    const written = responses[status]
    const reference = isObject(written) ? own(written, '$ref') : undefined
    const response = typeof reference === 'string' ? (follow(reference) ?? written) : written
    if (!isObject(response) || own(response, 'schema') === undefined) {
      out[status] = response
      continue
    }
    const { schema, examples, ...rest } = response
    out[status] = { ...rest, content: Object.fromEntries(types.map((type) => [type, { schema }])) }
  }
  return out
}

function securityScheme(scheme: unknown): unknown {
  if (!isObject(scheme)) return scheme
  if (scheme['type'] === 'basic') return { type: 'http', scheme: 'basic', description: scheme['description'] }
  if (scheme['type'] !== 'oauth2') return scheme
  const names: Record<string, string> = { application: 'clientCredentials', accessCode: 'authorizationCode' }
  const flow = String(scheme['flow'])
  const { authorizationUrl, tokenUrl, scopes } = scheme
  return {
    type: 'oauth2',
    flows: { [names[flow] ?? flow]: { authorizationUrl, tokenUrl, scopes: scopes ?? {} } },
  }
}
