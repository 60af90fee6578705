import type { SecurityAlternative, SecurityScheme } from '../../kernel/operation.ts'
import { isObject, type JsonObject, own } from '../schema.ts'
import type { DocumentReader, Located } from './document.ts'
import { quoted } from './report.ts'

/** Reads `security`; undefined where the node says nothing. */
export function readSecurity(
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
