import { own } from '../../contract/schema.ts'
import { below } from '../document/at.ts'
import type { Alternative, AuditedDocument, AuditedOperation } from '../document/audited-document.ts'
import { has, isGuarded, isRead, isWrite, textOf, titleOf } from '../facts.ts'
import { advice } from '../fix.ts'
import type { Hit, Rule } from '../rule.ts'

/** API5: what scopes say. */
export const api5ScopeRules: readonly Rule[] = [
  {
    id: 'scope-undefined',
    risk: 'API5',
    level: 'medium',
    title: 'A scope that no flow gives',
    rationale:
      'A scope that nobody can be given is a typing error: the operation is closed for all, or the check is not made.',
    remedy: 'Declare the scope in the flow, or require one that is declared.',
    cwe: [863],
    on: 'document',
    when: ({ schemes }) =>
      [...schemes.values()].some(({ flows, node }) => flows.length > 0 || has(node, 'scopes')),
    check: (document) => {
      const hits: Hit[] = []
      const seen = new Set<string>()
      for (const { spot, schemes } of requirements(document))
        for (const [name, scopes] of schemes) {
          const known = scopesOf(document, name)
          if (known === undefined) continue
          scopes.forEach((scope, i) => {
            const at = below(spot, name, i)
            if (known.has(scope) || seen.has(at.pointer)) return
            seen.add(at.pointer)
            hits.push({
              message: `\`${name}\` declares no such scope`,
              at,
              fix: advice('declare it under `scopes` of the flow'),
            })
          })
        }
      return hits
    },
    failing: `security: [{ o: [write] }]
components: { securitySchemes: { o: { type: oauth2, flows: { clientCredentials: { tokenUrl: "https://id.example.com/t", scopes: { read: it } } } } } }`,
    passing: `security: [{ o: [read] }]
components: { securitySchemes: { o: { type: oauth2, flows: { clientCredentials: { tokenUrl: "https://id.example.com/t", scopes: { read: it } } } } } }`,
  },
  {
    id: 'scopes-without-oauth',
    risk: 'API5',
    level: 'medium',
    title: 'Scopes on a scheme that has none',
    rationale:
      'Keys and passwords carry no scopes: what is required there is never checked (OpenAPI 2.0 and 3.0 forbid it).',
    remedy: 'Leave the list empty, or use `oauth2` or `openIdConnect`.',
    cwe: [863],
    on: 'document',
    when: ({ schemes }) => schemes.size > 0,
    check: (document) =>
      requirements(document).flatMap(({ spot, schemes }) =>
        [...schemes].flatMap(([name, scopes]) => {
          const type = textOf(document.schemes.get(name)?.node ?? {}, 'type')
          const bare =
            type === 'basic' || type === 'apiKey' || (type === 'http' && document.version !== '3.1')
          return bare && scopes.length > 0
            ? [
                {
                  message: `\`${name}\` has no scopes, yet some are required`,
                  at: below(spot, name),
                  fix: advice(`write\n    - ${name}: []`),
                },
              ]
            : []
        }),
      ),
    failing: `security: [{ key: [write] }]
components: { securitySchemes: { key: { type: apiKey, in: header, name: X-API-Key } } }`,
    passing: `security: [{ key: [] }]
components: { securitySchemes: { key: { type: apiKey, in: header, name: X-API-Key } } }`,
  },
  {
    id: 'write-without-scope',
    risk: 'API5',
    level: 'medium',
    title: 'Reading needs a scope, writing does not',
    rationale:
      'A path whose reads ask for a scope and whose writes ask for none was closed at the wrong end.',
    remedy: 'Require a scope for the write.',
    cwe: [863],
    on: 'operation',
    when: (operation) =>
      !operation.outbound &&
      isWrite(operation) &&
      operation.security.length > 0 &&
      usesScopes(operation) === false,
    check: (operation, document) => {
      const read = document.operations.find(
        (other) => other.template === operation.template && isRead(other) && usesScopes(other),
      )
      return read === undefined || isGuarded(operation, document, 'function')
        ? undefined
        : {
            message: `${titleOf(operation)} needs no scope, ${titleOf(read)} does`,
            at: operation.securityFrom === 'operation' ? below(operation, 'security') : operation,
            fix: advice(
              'require a scope for writing, for example\n    security:\n      - oauth: ["orders:write"]',
            ),
          }
    },
    failing: `paths:
  /orders:
    get: { security: [{ o: [read] }], responses: { "200": { description: them } } }
    delete: { security: [{ o: [] }], responses: { "204": { description: gone } } }`,
    passing: `paths:
  /orders:
    get: { security: [{ o: [read] }], responses: { "200": { description: them } } }
    delete: { security: [{ o: [write] }], responses: { "204": { description: gone } } }`,
  },
  {
    id: 'scope-for-read-and-write',
    risk: 'API5',
    level: 'low',
    title: 'One scope for reading and writing',
    rationale: 'A client that only needs to read is given the right to delete.',
    remedy: 'Split the scope: `orders:read`, `orders:write`.',
    cwe: [250, 269],
    on: 'operation',
    when: (operation) => !operation.outbound && isWrite(operation) && usesScopes(operation) === true,
    check: (operation, document) => {
      const mine = new Set(operation.security.map(({ schemes }) => hashOf(schemes)))
      const read = document.operations.find(
        (other) =>
          other.template === operation.template &&
          isRead(other) &&
          other.security.some(({ schemes }) => mine.has(hashOf(schemes))),
      )
      return read === undefined
        ? undefined
        : {
            message: `${titleOf(operation)} needs the same scope as ${titleOf(read)}`,
            at: operation.securityFrom === 'operation' ? below(operation, 'security') : operation,
            fix: advice('split the scope into one for reading and one for writing'),
          }
    },
    failing: `paths:
  /orders:
    get: { security: [{ o: [orders] }], responses: { "200": { description: them } } }
    delete: { security: [{ o: [orders] }], responses: { "204": { description: gone } } }`,
    passing: `paths:
  /orders:
    get: { security: [{ o: ["orders:read"] }], responses: { "200": { description: them } } }
    delete: { security: [{ o: ["orders:write"] }], responses: { "204": { description: gone } } }`,
  },
]

function usesScopes({ security }: AuditedOperation): boolean | undefined {
  if (security.length === 0) return undefined
  return security.every(({ schemes }) => [...schemes.values()].some((scopes) => scopes.length > 0))
}

function hashOf(schemes: ReadonlyMap<string, readonly string[]>): string {
  return JSON.stringify([...schemes].map(([name, scopes]) => [name, [...scopes].sort()]).sort())
}

/** Requirements of the document and of its operations, each once. */
function requirements(document: AuditedDocument): readonly Alternative[] {
  const whole = own(document.root.node, 'security')
  const seen = new Map<string, Alternative>()
  if (Array.isArray(whole))
    whole.forEach((one: unknown, i) => {
      if (typeof one !== 'object' || one === null) return
      const spot = below(document.root, 'security', i)
      const schemes = Object.entries(one).map(
        ([name, scopes]) =>
          [name, Array.isArray(scopes) ? scopes.filter((scope) => typeof scope === 'string') : []] as const,
      )
      seen.set(spot.pointer, { spot, schemes: new Map(schemes) })
    })
  for (const operation of document.operations)
    if (operation.securityFrom === 'operation')
      for (const one of operation.security) seen.set(one.spot.pointer, one)
  return [...seen.values()]
}

/** Scopes that the flows of a scheme give; undefined where it has no flows. */
function scopesOf(document: AuditedDocument, name: string): ReadonlySet<string> | undefined {
  const scheme = document.schemes.get(name)
  if (scheme === undefined || scheme.flows.length === 0) {
    const declared = scheme === undefined ? undefined : own(scheme.node, 'scopes')
    return typeof declared === 'object' && declared !== null ? new Set(Object.keys(declared)) : undefined
  }
  const found = new Set<string>()
  for (const { node } of scheme.flows) {
    const scopes = own(node, 'scopes')
    if (typeof scopes === 'object' && scopes !== null)
      for (const scope of Object.keys(scopes)) found.add(scope)
  }
  return found
}
