import { isObject, own } from '../../contract/schema.ts'
import { type At, below, type Spot } from './at.ts'
import type { Alternative, AuditedFlow, AuditedScheme, OpenApiVersion } from './audited-document.ts'
import type { Follower } from './follow.ts'

/** `[{ scheme: [scopes] }]` with the place of each alternative. */
export function alternativesOf(list: unknown, spot: Spot): readonly Alternative[] {
  if (!Array.isArray(list)) return []
  return list.flatMap((one, i) => {
    if (!isObject(one)) return []
    const schemes = Object.keys(one).map((name) => {
      const scopes = one[name]
      return [name, Array.isArray(scopes) ? scopes.filter((scope) => typeof scope === 'string') : []] as const
    })
    return [{ spot: below(spot, i), schemes: new Map(schemes) }]
  })
}

export function readSchemes(
  follower: Follower,
  root: At,
  version: OpenApiVersion,
): ReadonlyMap<string, AuditedScheme> {
  const components = own(root.node, 'components')
  const holder = version === '2.0' ? root.node : isObject(components) ? components : {}
  const key = version === '2.0' ? 'securityDefinitions' : 'securitySchemes'
  const map = own(holder, key)
  const spot = version === '2.0' ? below(root, key) : below(root, 'components', key)
  const found = new Map<string, AuditedScheme>()
  if (!isObject(map)) return found
  for (const name of Object.keys(map)) {
    const at = follower.object(map[name], below(spot, name))
    if (at !== undefined) found.set(name, { ...at, name, flows: flowsOf(at, name, version) })
  }
  return found
}

function flowsOf(at: At, scheme: string, version: OpenApiVersion): readonly AuditedFlow[] {
  if (own(at.node, 'type') !== 'oauth2') return []
  if (version === '2.0') {
    const kind = own(at.node, 'flow')
    return typeof kind === 'string' ? [{ ...at, kind: kinds2.get(kind) ?? kind, scheme }] : []
  }
  const flows = own(at.node, 'flows')
  if (!isObject(flows)) return []
  return Object.keys(flows).flatMap((kind) => {
    const node = flows[kind]
    return isObject(node) && !kind.startsWith('x-')
      ? [{ node, ...below(at, 'flows', kind), kind, scheme }]
      : []
  })
}

const kinds2: ReadonlyMap<string, string> = new Map([
  ['accessCode', 'authorizationCode'],
  ['application', 'clientCredentials'],
])
