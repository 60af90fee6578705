import type { Sources } from '../../contract/document/sources.ts'
import { isObject, own } from '../../contract/schema.ts'
import { Unusable } from '../../kernel/finding.ts'
import { type At, below } from './at.ts'
import type { AuditedDocument, AuditedParameter, Guarded, OpenApiVersion } from './audited-document.ts'
import { Follower } from './follow.ts'
import { OperationReader } from './read-operations.ts'
import { SchemaCollector } from './read-schemas.ts'
import { readSchemes } from './read-security.ts'
import { readServers } from './read-servers.ts'

/** Reads a contract for the rules. Tolerant: what is malformed is passed over, what is there is judged. */
export function readDocument(sources: Sources, guarded: Guarded = new Map()): AuditedDocument {
  const source = sources.root
  const node = isObject(source.value) ? source.value : {}
  const version = versionOf(node)
  const root: At = { node, source, pointer: '' }
  if (version === undefined)
    throw new Unusable([
      {
        rule: 'contract.version',
        severity: 'error',
        message: 'not an OpenAPI document of version 2.0, 3.0, 3.1 or 3.2',
        place: source.place(''),
        fix: 'begin the document with `openapi: 3.1.1`',
      },
    ])
  const follower = new Follower(sources)
  const reader = new OperationReader(follower, version, root)
  const operations = reader.read()
  const schemas = new SchemaCollector(follower, version)
  for (const [key, spot] of componentMaps(root, version)) {
    const map = own(spot.node, key)
    if (!isObject(map)) continue
    for (const name of Object.keys(map)) schemas.add(map[name], below(spot, key, name), name, 'component')
  }
  const parameters = reader.parameters
  for (const one of parameters)
    if (one.schema !== undefined)
      schemas.add(one.schema.node, one.schema, one.name, one.in === 'header' ? 'header' : 'parameter')
  for (const media of reader.media) {
    const schema = own(media.node, 'schema')
    schemas.add(schema, below(media, 'schema'), '', 'body')
  }
  for (const { node: header, spot, name } of reader.headers) {
    const schema = version === '2.0' ? header : own(header, 'schema')
    schemas.add(schema, version === '2.0' ? spot : below(spot, 'schema'), name, 'header')
  }
  for (const operation of operations) schemas.useOperation(operation)
  return {
    version,
    root,
    servers: readServers(root, version, operations, reader.pathItems),
    schemes: readSchemes(follower, root, version),
    operations,
    parameters: parameters as readonly AuditedParameter[],
    responses: reader.responses,
    media: reader.media,
    schemas: schemas.all,
    dangling: [...follower.dangling.values()],
    object: (value, spot) => follower.object(value, spot),
    guarded,
  }
}

function componentMaps(root: At, version: OpenApiVersion): readonly (readonly [string, At])[] {
  if (version === '2.0') return [['definitions', root]]
  const components = own(root.node, 'components')
  return isObject(components) ? [['schemas', { ...root, node: components, pointer: '/components' }]] : []
}

function versionOf(root: Record<string, unknown>): OpenApiVersion | undefined {
  const swagger = own(root, 'swagger')
  if (swagger === '2.0' || swagger === 2) return '2.0'
  const openapi = String(own(root, 'openapi') ?? '')
  if (/^3\.0\b/.test(openapi)) return '3.0'
  return /^3(?:\.[12]\b|$)/.test(openapi) ? '3.1' : undefined
}
