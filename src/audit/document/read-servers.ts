import { isObject, own } from '../../contract/schema.ts'
import { type At, below } from './at.ts'
import type { AuditedOperation, AuditedServer, OpenApiVersion } from './audited-document.ts'

/** Servers of the document, its path items and operations; in OpenAPI 2.0 one for each word under `schemes`. */
export function readServers(
  root: At,
  version: OpenApiVersion,
  operations: readonly AuditedOperation[],
  pathItems: readonly At[],
): readonly AuditedServer[] {
  if (version !== '2.0')
    return [root, ...pathItems, ...operations].flatMap((holder) => serversOf(holder, holder === root))
  const host = own(root.node, 'host')
  const place = typeof host === 'string' ? host : ''
  return [root, ...operations].flatMap((holder) => {
    const schemes = own(holder.node, 'schemes')
    if (!Array.isArray(schemes)) return []
    return schemes.flatMap((scheme, i) =>
      typeof scheme === 'string'
        ? [
            {
              node: root.node,
              source: holder.source,
              pointer: `${holder.pointer}/schemes`,
              url: `${scheme}://${place}`,
              urlSpot: below(holder, 'schemes', i),
              ofDocument: holder === root,
            },
          ]
        : [],
    )
  })
}

function serversOf(holder: At, ofDocument: boolean): AuditedServer[] {
  const list = own(holder.node, 'servers')
  if (!Array.isArray(list)) return []
  return list.flatMap((node: unknown, i) => {
    if (!isObject(node)) return []
    const url = own(node, 'url')
    const at = below(holder, 'servers', i)
    return typeof url === 'string' ? [{ node, ...at, url, urlSpot: below(at, 'url'), ofDocument }] : []
  })
}
