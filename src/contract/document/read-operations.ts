import type { SecurityAlternative, SecurityScheme } from '../../kernel/operation.ts'
import type { DeclaredBody, DeclaredOperation, DeclaredParameter, DeclaredResponse } from '../declared.ts'
import { namesOf, parseTemplate, shapeOf } from '../route/template.ts'
import { isObject, type JsonObject, own } from '../schema.ts'
import { textOf } from './base-path.ts'
import type { DocumentReader, Located } from './document.ts'
import { extensionOf } from './extension.ts'
import { keyOf, readContent, readParameters } from './read-parameters.ts'
import { quoted } from './report.ts'

const methods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace', 'query']
const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/

/** Reads all declared operations of a document, in the order they are written. */
export function readOperations(
  reader: DocumentReader,
  schemes: ReadonlyMap<string, SecurityScheme>,
): readonly DeclaredOperation[] {
  const operations: DeclaredOperation[] = []
  const ids = new Map<string, string>()
  const shapes = new Map<string, string>()
  const shared = readSecurity(reader, reader.root, schemes)
  for (const { name: template, value, pointer } of reader.entries(reader.root, 'paths', '`paths`')) {
    if (template.startsWith('x-')) continue
    const written: Located = { node: isObject(value) ? value : {}, resource: reader.root.resource, pointer }
    const item = reader.object(value, reader.root.resource, pointer, 'a path item')
    if (item === undefined) continue
    const names = checkTemplate(reader, written, template, shapes)
    const common = readParameters(reader, item)
    for (const { method, at } of methodsOf(reader, item, written)) {
      const operation = readOperation(reader, at, { method, template, names, common, shared, schemes })
      const id = own(at.node, 'operationId')
      const other = ids.get(operation.id)
      if (other !== undefined)
        reader.error(
          'contract.operation-duplicate',
          `operationId ${quoted(operation.id)} is also that of ${other}`,
          at,
          typeof id === 'string' ? '/operationId' : '',
          'give each operation an id of its own',
        )
      else ids.set(operation.id, `${method} ${template}`)
      operations.push(operation)
    }
  }
  return operations
}

/** Parameter names of a template; reports one that no path can match, or that another one matches too. */
function checkTemplate(
  reader: DocumentReader,
  at: Located,
  template: string,
  shapes: Map<string, string>,
): readonly string[] | undefined {
  const segments = parseTemplate(template)
  if (typeof segments === 'string') {
    reader.warn(
      'contract.template',
      `path ${quoted(template)} ${segments}; no request reaches it`,
      at,
      '',
      'declare what follows `?` as query parameters',
    )
    return undefined
  }
  const names = namesOf(segments)
  if (new Set(names).size < names.length)
    reader.error('contract.template', `path ${quoted(template)} names a parameter twice`, at)
  const shape = shapeOf(segments)
  const other = shapes.get(shape)
  if (other === undefined) shapes.set(shape, template)
  else
    reader.error(
      'contract.template-duplicate',
      `path ${quoted(template)} matches the same requests as ${quoted(other)}`,
      at,
      '',
      'join the two',
    )
  return names
}

/** Operations of a path item; those beside a `$ref` go before those it names. */
function methodsOf(
  reader: DocumentReader,
  item: Located,
  written: Located,
): { method: string; at: Located }[] {
  const found: { method: string; at: Located }[] = []
  for (const source of item.node === written.node ? [item] : [written, item]) {
    const add = (method: string, value: unknown, pointer: string): void => {
      if (found.some((f) => f.method === method)) return
      const at = reader.object(value, source.resource, pointer, `operation ${method}`)
      if (at !== undefined) found.push({ method, at: { ...at, pointer } })
    }
    for (const key of Object.keys(source.node))
      if (methods.includes(key)) add(key.toUpperCase(), source.node[key], `${source.pointer}/${key}`)
    for (const { name, value, pointer } of reader.entries(
      source,
      'additionalOperations',
      '`additionalOperations`',
    ))
      if (token.test(name)) add(name, value, pointer)
      else
        reader.error('contract.document', `${quoted(name)} is not a method`, source, '/additionalOperations')
  }
  return found
}

interface Around {
  readonly method: string
  readonly template: string
  readonly names: readonly string[] | undefined
  readonly common: readonly DeclaredParameter[]
  readonly shared: readonly SecurityAlternative[] | undefined
  readonly schemes: ReadonlyMap<string, SecurityScheme>
}

function readOperation(reader: DocumentReader, at: Located, around: Around): DeclaredOperation {
  const { method, template, names, common, schemes } = around
  const { node } = at
  const written = readParameters(reader, at)
  const overridden = new Set(written.map(keyOf))
  const parameters = [...common.filter((p) => !overridden.has(keyOf(p))), ...written]
  if (names !== undefined) checkPathParameters(reader, at, template, names, parameters)
  const id = own(node, 'operationId')
  const security = readSecurity(reader, at, schemes) ?? around.shared
  const tags = own(node, 'tags')
  const extension = own(node, 'x-sallyport')
  if (extension !== undefined && !isObject(extension))
    reader.error('contract.extension', '`x-sallyport` must be an object', at, '/x-sallyport')
  if (own(node, 'servers') !== undefined)
    reader.warn(
      'contract.servers',
      'servers of an operation are not followed: every call goes to the upstream',
      at,
      '/servers',
    )
  return {
    id: typeof id === 'string' && id !== '' ? id : `${method} ${template}`,
    method,
    template,
    summary: textOf(own(node, 'summary')),
    description: textOf(own(node, 'description')),
    tags: Array.isArray(tags) ? tags.filter((t): t is string => typeof t === 'string') : [],
    deprecated: own(node, 'deprecated') === true,
    parameters,
    body: readBody(reader, at),
    responses: readResponses(reader, at),
    security: security ?? [],
    securityDeclared: security !== undefined,
    extension: isObject(extension) ? extension : undefined,
    extensionAt: extensionOf(at),
    place: at.resource.source.place(at.pointer),
  }
}

function checkPathParameters(
  reader: DocumentReader,
  at: Located,
  template: string,
  names: readonly string[],
  parameters: readonly DeclaredParameter[],
): void {
  const declared = new Set(parameters.filter((p) => p.in === 'path').map((p) => p.name))
  for (const name of names)
    if (!declared.has(name))
      reader.error(
        'contract.path-parameter',
        `path parameter ${quoted(name)} of ${quoted(template)} is not declared`,
        at,
        '',
        `declare it: { name: ${name}, in: path, required: true, schema: … }`,
      )
  for (const name of declared)
    if (!names.includes(name))
      reader.error(
        'contract.path-parameter',
        `path parameter ${quoted(name)} is not in the template ${quoted(template)}`,
        at,
        '',
        'put it into the template, or remove it',
      )
}

function readBody(reader: DocumentReader, at: Located): DeclaredBody | undefined {
  const value = own(at.node, 'requestBody')
  if (value === undefined || value === null) return undefined
  const body = reader.object(value, at.resource, `${at.pointer}/requestBody`, '`requestBody`')
  if (body === undefined) return { required: true, media: [] }
  return { required: own(body.node, 'required') === true, media: readContent(reader, body) ?? [] }
}

function readResponses(reader: DocumentReader, at: Located): readonly DeclaredResponse[] {
  const responses: DeclaredResponse[] = []
  for (const { name, value, pointer } of reader.entries(at, 'responses', '`responses`')) {
    if (name.startsWith('x-')) continue
    const status = /^[1-5]xx$/i.test(name) ? name.toUpperCase() : name
    if (!/^(?:[1-5](?:\d\d|XX)|default)$/.test(status)) {
      reader.warn('contract.status', `response ${quoted(name)} is not a status`, at, `/responses`)
      continue
    }
    const response = reader.object(value, at.resource, pointer, 'a response')
    responses.push(
      response === undefined
        ? { status, media: [], headers: [], links: [] }
        : {
            status,
            media: readContent(reader, response),
            headers: namesIn(response.node, 'headers'),
            links: readLinks(reader, response),
          },
    )
  }
  return responses
}

function namesIn(node: JsonObject, key: string): readonly string[] {
  const map = own(node, key)
  return isObject(map) ? Object.keys(map) : []
}

/** Runtime expressions of `links` that lead into the body: `bookingId: $response.body#/id` (OpenAPI 3.1 §4.8.20). */
function readLinks(reader: DocumentReader, at: Located): DeclaredResponse['links'] {
  const links: { pointer: string; parameter: string }[] = []
  for (const { value, pointer } of reader.entries(at, 'links', '`links`')) {
    // Links only help to tell object types apart: one that is a reference, which may lead nowhere, is passed over.
    if (isObject(value) && own(value, '$ref') !== undefined) continue
    const link = reader.object(value, at.resource, pointer, 'a link')
    const parameters = link === undefined ? undefined : own(link.node, 'parameters')
    if (!isObject(parameters)) continue
    for (const name of Object.keys(parameters)) {
      const body = /^\$response\.body#(\/.*)$/.exec(String(parameters[name]))?.[1]
      if (body !== undefined)
        links.push({ pointer: body, parameter: name.replace(/^(?:path|query|header|cookie)\./, '') })
    }
  }
  return links
}

/** Reads `security`; undefined where the node says nothing. */
function readSecurity(
  reader: DocumentReader,
  at: Located,
  schemes: ReadonlyMap<string, SecurityScheme>,
): readonly SecurityAlternative[] | undefined {
  const list = own(at.node, 'security')
  if (list === undefined || list === null) return undefined
  if (!Array.isArray(list)) {
    reader.error('contract.document', '`security` must be a list', at, '/security')
    return undefined
  }
  const alternatives: SecurityAlternative[] = []
  for (const [i, entry] of list.entries()) {
    if (!isObject(entry)) {
      reader.error('contract.document', 'a security requirement must be an object', at, `/security/${i}`)
      continue
    }
    alternatives.push(
      Object.keys(entry).map((scheme) => {
        if (!schemes.has(scheme))
          reader.error(
            'contract.security',
            `security scheme ${quoted(scheme)} is not declared`,
            at,
            `/security/${i}`,
            'declare it under `components.securitySchemes`',
          )
        const scopes = entry[scheme]
        return {
          scheme,
          scopes: Array.isArray(scopes) ? scopes.filter((s): s is string => typeof s === 'string') : [],
        }
      }),
    )
  }
  // A list that held nothing usable must not read as "public".
  if (list.length > 0 && alternatives.length === 0) return [[{ scheme: '', scopes: [] }]]
  return alternatives
}

/** Reads `components.securitySchemes`. */
export function readSchemes(reader: DocumentReader): ReadonlyMap<string, SecurityScheme> {
  const schemes = new Map<string, SecurityScheme>()
  const components = componentsOf(reader)
  if (components === undefined) return schemes
  for (const { name, value, pointer } of reader.entries(components, 'securitySchemes', '`securitySchemes`')) {
    const at = reader.object(value, components.resource, pointer, 'a security scheme')
    const scheme = at === undefined ? undefined : readScheme(name, at.node)
    if (scheme !== undefined) schemes.set(name, scheme)
    else if (at !== undefined)
      reader.error(
        'contract.security',
        `security scheme ${quoted(name)} is not one of http, apiKey, oauth2, openIdConnect, mutualTLS`,
        at,
      )
  }
  return schemes
}

/** `components` as an object, where there is one. */
export function componentsOf(reader: DocumentReader): Located | undefined {
  const node = own(reader.root.node, 'components')
  return isObject(node)
    ? { node, resource: reader.root.resource, pointer: `${reader.root.pointer}/components` }
    : undefined
}

function readScheme(name: string, node: JsonObject): SecurityScheme | undefined {
  const type = own(node, 'type')
  switch (type) {
    case 'http': {
      const scheme = own(node, 'scheme')
      return typeof scheme === 'string' ? { name, type, scheme: scheme.toLowerCase() } : undefined
    }
    case 'oauth2':
    case 'openIdConnect':
    case 'mutualTLS':
      return { name, type }
    case 'apiKey': {
      const place = own(node, 'in')
      const field = own(node, 'name')
      if (typeof field !== 'string' || (place !== 'header' && place !== 'query' && place !== 'cookie'))
        return undefined
      return { name, type, in: place, field }
    }
    default:
      return undefined
  }
}
