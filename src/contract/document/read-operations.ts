import type { SecurityAlternative, SecurityScheme } from '../../kernel/operation.ts'
import type { DeclaredBody, DeclaredOperation, DeclaredParameter } from '../declared.ts'
import { namesOf, parseTemplate, shapeOf } from '../route/template.ts'
import { isObject, own } from '../schema.ts'
import { textOf } from './base-path.ts'
import type { DocumentReader, Located } from './document.ts'
import { extensionOf } from './extension.ts'
import { keyOf, readContent, readParameters } from './read-parameters.ts'
import { readResponses } from './read-responses.ts'
import { readSecurity } from './read-security.ts'
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
