import { isObject, own } from '../../contract/schema.ts'
import { below } from '../document/at.ts'
import type { AuditedDocument, AuditedOperation } from '../document/audited-document.ts'
import { has, titleOf } from '../facts.ts'
import { addMembers, advice } from '../fix.ts'
import type { Hit, Rule } from '../rule.ts'
import { isDebugPath } from '../vocabulary.ts'

const debugSegment =
  /^(?:debug|createdb|resetdb|reset-db|seed|heapdump|threaddump|phpinfo|actuator|jolokia|pprof|env|\.env|metrics|tests?|mock|dump|graphiql|playground|console|server-status|_internal)$/i

/** API9: what there is, and for how long. */
export const api9InventoryRules: readonly Rule[] = [
  {
    id: 'debug-path',
    risk: 'API9',
    level: 'high',
    title: 'An operation for debugging or tests',
    rationale: 'Debug, test and monitoring operations read memory, reset databases or print configurations.',
    remedy: 'Remove it from the contract: the gate then refuses it.',
    cwe: [489, 215],
    on: 'operation',
    when: ({ outbound }) => !outbound,
    check: (operation) => {
      const found = operation.template
        .split('/')
        .some(
          (part) =>
            !part.includes('{') &&
            ((part.startsWith('_') && /debug|test|internal/i.test(part)) || debugSegment.test(part)),
        )
      if (!found)
        return isDebugPath(operation.id) && /debug|heapdump|phpinfo|createdb|resetdb/i.test(operation.id)
          ? { message: `${titleOf(operation)} is for debugging by its name` }
          : undefined
      const mild = /\b(?:tests?|metrics|config|beta|trace|env|internal|console|mock|swagger)\b/i.test(
        operation.template,
      )
      return {
        message: `${titleOf(operation)} is for debugging or tests by its path`,
        level: mild ? 'medium' : 'high',
        fix: advice('remove it from the contract: what is not declared does not pass'),
      }
    },
    failing: 'paths: { /debug/vars: { get: { responses: { "200": { description: it } } } } }',
    passing: 'paths: { /orders: { get: { responses: { "200": { description: it } } } } }',
  },
  {
    id: 'old-version-beside-new',
    risk: 'API9',
    level: 'medium',
    title: 'An old version beside the new one',
    rationale: 'Fixes reach the new version; attackers use the old one.',
    remedy: 'Mark the old one `deprecated` with an end (`x-sunset`), limit it, or remove it.',
    cwe: [1059, 477],
    on: 'operation',
    when: (operation) => !operation.outbound && /\/v\d+(?=\/|$)/i.test(operation.template),
    check: (operation, document) => {
      const version = /\/v(\d+)(?=\/|$)/i.exec(operation.template)
      if (version === null || own(operation.node, 'deprecated') === true) return undefined
      const newest = newestVersion(document, operation)
      return newest > Number(version[1])
        ? {
            message: `${titleOf(operation)} has a newer version ${newest}`,
            fix: addMembers(operation, { deprecated: true, 'x-sunset': '2030-01-01' }),
          }
        : undefined
    },
    failing: `paths:
  /v1/orders: { get: { responses: { "200": { description: it } } } }
  /v2/orders: { get: { responses: { "200": { description: it } } } }`,
    passing: `paths:
  /v1/orders: { get: { deprecated: true, x-sunset: "2030-01-01", responses: { "200": { description: it } } } }
  /v2/orders: { get: { responses: { "200": { description: it } } } }`,
  },
  {
    id: 'deprecated-without-end',
    risk: 'API9',
    level: 'low',
    title: 'Deprecated without an end',
    rationale: 'What is deprecated without a date stays for ever, unmaintained.',
    remedy: 'Write `x-sunset` with the date; replies then carry `Sunset` (RFC 8594).',
    cwe: [477],
    on: 'operation',
    when: ({ node }) => own(node, 'deprecated') === true,
    check: (operation) => {
      const header = operation.replies.some(({ node }) => {
        const headers = own(node, 'headers')
        return isObject(headers) && has(headers, 'Sunset')
      })
      const said = ['x-sunset', 'x-sunset-date', 'x-deprecation-date', 'x-removal-date'].some((key) =>
        has(operation.node, key),
      )
      return header || said
        ? undefined
        : {
            message: `${titleOf(operation)} is deprecated without an end`,
            fix: addMembers(operation, { 'x-sunset': '2030-01-01' }),
          }
    },
    failing: 'paths: { /a: { get: { deprecated: true, responses: { "200": { description: it } } } } }',
    passing:
      'paths: { /a: { get: { deprecated: true, x-sunset: "2030-01-01", responses: { "200": { description: it } } } } }',
  },
  {
    id: 'ambiguous-paths',
    risk: 'API9',
    level: 'medium',
    title: 'Two paths for one request',
    rationale:
      '`/{a}/list` and `/users/{b}` both match `/users/list`: which rules hold depends on who matches.',
    remedy: 'Give one of them a fixed segment of its own.',
    cwe: [436],
    on: 'document',
    when: ({ operations }) => operations.length > 1,
    check: (document) => ambiguous(document),
    failing: `paths:
  /{kind}/list: { get: { responses: { "200": { description: it } } } }
  /users/{id}: { get: { responses: { "200": { description: it } } } }`,
    passing: `paths:
  /users/list: { get: { responses: { "200": { description: it } } } }
  /users/{id}: { get: { responses: { "200": { description: it } } } }`,
  },
  {
    id: 'operation-without-id',
    risk: 'API9',
    level: 'info',
    title: 'An operation without a name',
    rationale:
      'Policies, logs and inventories name operations by `operationId`; without it they name a path that may move.',
    remedy: 'Write `operationId`.',
    cwe: [1059],
    on: 'operation',
    when: ({ outbound }) => !outbound,
    check: (operation) =>
      operation.id === ''
        ? {
            message: `${titleOf(operation)} has no \`operationId\``,
            fix: advice('write\n    operationId: nameOfIt'),
          }
        : undefined,
    failing: 'paths: { /a: { get: { responses: { "200": { description: it } } } } }',
    passing: 'paths: { /a: { get: { operationId: readA, responses: { "200": { description: it } } } } }',
  },
  {
    id: 'operation-id-twice',
    risk: 'API9',
    level: 'medium',
    title: 'One name for two operations',
    rationale:
      'A rule for an `operationId` that two operations share holds for one of them in some tools and for both in others.',
    remedy: 'Give each its own.',
    cwe: [694],
    on: 'document',
    when: ({ operations }) => operations.length > 1,
    check: (document) => {
      const seen = new Set<string>()
      return document.operations.flatMap((operation): Hit[] => {
        if (operation.id === '' || operation.outbound) return []
        if (!seen.has(operation.id)) {
          seen.add(operation.id)
          return []
        }
        return [
          {
            message: `${titleOf(operation)} has the \`operationId\` of another`,
            at: below(operation, 'operationId'),
            fix: advice('give it a name of its own'),
          },
        ]
      })
    },
    failing: `paths:
  /a: { get: { operationId: read, responses: { "200": { description: it } } } }
  /b: { get: { operationId: read, responses: { "200": { description: it } } } }`,
    passing: `paths:
  /a: { get: { operationId: readA, responses: { "200": { description: it } } } }
  /b: { get: { operationId: readB, responses: { "200": { description: it } } } }`,
  },
]

/** The highest version under which the same operation stands. */
function newestVersion(document: AuditedDocument, operation: AuditedOperation): number {
  let index = versions.get(document)
  if (index === undefined) {
    index = new Map<string, number>()
    for (const other of document.operations) {
      const version = /\/v(\d{1,4})(?=\/|$)/i.exec(other.template)
      if (version === null) continue
      const key = keyOf(other)
      index.set(key, Math.max(index.get(key) ?? 0, Number(version[1])))
    }
    versions.set(document, index)
  }
  return index.get(keyOf(operation)) ?? 0
}

const versions = new WeakMap<AuditedDocument, Map<string, number>>()

function keyOf({ method, template }: AuditedOperation): string {
  return `${method} ${template.replace(/\/v\d+(?=\/|$)/i, '/v').replaceAll(/\{[^}]*\}/g, '{}')}`
}

/** Pairs of paths where each has a fixed segment in the place of the other's variable. */
function ambiguous(document: AuditedDocument): Hit[] {
  const bySize = new Map<string, { parts: readonly string[]; operation: AuditedOperation }[]>()
  const hits: Hit[] = []
  for (const operation of document.operations) {
    if (operation.outbound) continue
    const parts = operation.template.split('/').map((part) => (/^\{[^}]*\}$/.test(part) ? '' : part))
    // The first variable is at another place in each of two such paths; without one there is nothing to confuse.
    if (!operation.template.includes('{')) continue
    const key = `${operation.method} ${parts.length}`
    const same = bySize.get(key) ?? []
    for (const other of same.slice(0, 500)) {
      let mine = false
      let theirs = false
      const both = parts.every((part, i) => {
        const its = other.parts[i] ?? ''
        if (i === 0 || part === its) return true
        if (part === '') theirs = true
        else if (its === '') mine = true
        else return false
        return true
      })
      if (both && mine && theirs)
        hits.push({
          message: `${titleOf(operation)} and ${titleOf(other.operation)} match the same requests`,
          at: operation,
          fix: advice('give one of them a fixed segment of its own'),
        })
    }
    bySize.set(key, [...same, { parts, operation }])
  }
  return hits
}
