import type { AuditedDocument, AuditedOperation } from '../document/audited-document.ts'
import { isGuarded, isRead, lastSegment, needsCaller, titleOf } from '../facts.ts'
import { advice, policyLines } from '../fix.ts'
import type { Rule } from '../rule.ts'
import { changesState, isAuthorityName, isStaffPath } from '../vocabulary.ts'

/** API5: who may call which function. */
export const api5FunctionRules: readonly Rule[] = [
  {
    id: 'staff-shares-security',
    risk: 'API5',
    level: 'high',
    title: 'Operations of staff ask for no more than others',
    rationale:
      'Where an administrative operation takes the same credential and scopes as any other, every user is an administrator.',
    remedy: 'Require a scope of its own, or a role: `functions: [{ for: …, allow: … }]`.',
    cwe: [285, 863],
    on: 'operation',
    when: (operation) => !operation.outbound && isAdmin(operation) && operation.security.length > 0,
    check: (operation, document) => {
      if (isGuarded(operation, document, 'function')) return undefined
      const shared = operation.security.find(({ schemes }) =>
        commonRequirements(document).has(hashOf(schemes)),
      )
      return shared === undefined
        ? undefined
        : {
            message: `${titleOf(operation)} asks for no more than operations of everybody`,
            at: operation.securityFrom === 'operation' ? shared.spot : operation,
            fix: policyLines(
              `functions:\n  - { for: "${titleOf(operation)}", allow: "'admin' in caller.roles" }`,
            ),
          }
    },
    failing: `components: { securitySchemes: { token: { type: http, scheme: bearer } } }
paths:
  /admin/users: { get: { security: [{ token: [] }], responses: { "200": { description: them } } } }
  /orders: { get: { security: [{ token: [] }], responses: { "200": { description: them } } } }`,
    passing: `components: { securitySchemes: { token: { type: http, scheme: bearer } } }
paths:
  /admin/users: { get: { security: [{ token: [admin] }], responses: { "200": { description: them } } } }
  /orders: { get: { security: [{ token: [] }], responses: { "200": { description: them } } } }`,
  },
  {
    id: 'staff-without-rule',
    risk: 'API5',
    level: 'medium',
    title: 'An operation of staff without a rule of its own',
    rationale: 'The path says that it is for staff; nothing says how staff is told from others.',
    remedy: 'Add a function rule with the role.',
    cwe: [285],
    on: 'operation',
    when: (operation) => !operation.outbound && isAdmin(operation) && needsCaller(operation),
    check: (operation, document) =>
      isGuarded(operation, document, 'function') || usesScopes(operation) === true
        ? undefined
        : {
            message: `${titleOf(operation)} is for staff by its path, and neither a scope nor a role is asked for`,
            fix: policyLines(
              `functions:\n  - { for: "${titleOf(operation)}", allow: "'admin' in caller.roles" }`,
            ),
          },
    failing: `paths: { /admin/users: { get: { security: [{ token: [] }], responses: { "200": { description: them } } } } }`,
    passing: `paths: { /admin/users: { get: { x-sallyport: { allow: "'admin' in caller.roles" }, security: [{ token: [] }], responses: { "200": { description: them } } } } }`,
  },
  {
    id: 'state-changing-get',
    risk: 'API5',
    level: 'high',
    title: 'A GET that changes something',
    rationale:
      'Links, prefetchers and crawlers send GET; rules for writing do not look at it, and a page elsewhere can make a browser send it.',
    remedy: 'Use POST, PUT, PATCH or DELETE.',
    cwe: [650, 352],
    on: 'operation',
    when: (operation) => !operation.outbound && isRead(operation),
    check: (operation) =>
      (changesState(lastSegment(operation)) &&
        !/s$|^(?:set|run|update|change|activate|register)$/i.test(lastSegment(operation))) ||
      /^(?:delete|remove|create|update|cancel|logout|revoke|reset|approve)[A-Z_]/.test(operation.id)
        ? {
            message: `${titleOf(operation)} changes something by its name`,
            fix: advice('declare it as `post` or `delete`'),
          }
        : undefined,
    failing: 'paths: { /users/delete: { get: { responses: { "200": { description: gone } } } } }',
    passing: 'paths: { /users/delete: { post: { responses: { "200": { description: gone } } } } }',
  },
  {
    id: 'authority-from-caller',
    risk: 'API5',
    level: 'critical',
    title: 'The caller says who they are or what they may',
    rationale:
      'A header such as `X-User-Id` or `Is-Admin` that clients may send is an identity without proof.',
    remedy:
      'Remove the parameter: take identity and roles from the token. The gate removes such headers from requests when they are undeclared.',
    cwe: [290, 807],
    on: 'parameter',
    when: ({ in: place, operation }) => place !== 'path' && operation?.outbound !== true,
    check: ({ name, in: place, pointer, source }) => {
      const header = place === 'header' || place === 'cookie'
      if (
        header
          ? !isAuthorityName(name)
          : !/^(?:is_?admin|admin|as_?admin|impersonate|act_?as|sudo|bypass|skip_?auth|is_?internal)$/i.test(
              name,
            )
      )
        return undefined
      const mild = /tenant|org|account|customer|forwarded|real.?ip|client.?ip|debug|group/i.test(name)
      return {
        message: `the ${place} parameter \`${name}\` lets callers say who they are or what they may`,
        at: { pointer: `${pointer}/name`, source },
        level: mild ? 'medium' : 'critical',
        fix: advice('remove the parameter; take identity and roles from the token'),
      }
    },
    failing: `paths:
  /a:
    get:
      parameters: [{ name: X-User-Id, in: header, schema: { type: string } }]
      responses: { "200": { description: it } }`,
    passing: `paths:
  /a:
    get:
      parameters: [{ name: X-Request-Id, in: header, schema: { type: string } }]
      responses: { "200": { description: it } }`,
  },
  {
    id: 'method-override',
    risk: 'API5',
    level: 'high',
    title: 'The caller may change the method behind the check',
    rationale: '`X-HTTP-Method-Override` turns the GET that was checked into the DELETE that is done.',
    remedy: 'Remove the parameter.',
    cwe: [650, 436],
    on: 'parameter',
    check: ({ name, pointer, source }) =>
      /^(?:x-(?:http-)?method(?:-override)?|_method|x-original-(?:url|method)|x-rewrite-url)$/i.test(name)
        ? {
            message: `\`${name}\` changes the request behind whatever checked it`,
            at: { pointer: `${pointer}/name`, source },
            fix: advice('remove the parameter'),
          }
        : undefined,
    failing: `paths:
  /a:
    post:
      parameters: [{ name: X-HTTP-Method-Override, in: header, schema: { type: string } }]
      responses: { "200": { description: it } }`,
    passing: `paths:
  /a:
    post:
      parameters: [{ name: X-Trace, in: header, schema: { type: string } }]
      responses: { "200": { description: it } }`,
  },
]

function isAdmin(operation: AuditedOperation): boolean {
  return (
    operation.template.includes('/admin') ||
    isStaffPath(operation.template) ||
    operation.tags.some((tag) => isStaffPath(tag))
  )
}

function usesScopes({ security }: AuditedOperation): boolean | undefined {
  if (security.length === 0) return undefined
  return security.every(({ schemes }) => [...schemes.values()].some((scopes) => scopes.length > 0))
}

function hashOf(schemes: ReadonlyMap<string, readonly string[]>): string {
  return JSON.stringify([...schemes].map(([name, scopes]) => [name, [...scopes].sort()]).sort())
}

/** Requirements of operations that are not for staff. */
function commonRequirements(document: AuditedDocument): ReadonlySet<string> {
  let known = common.get(document)
  if (known === undefined) {
    known = new Set(
      document.operations
        .filter((operation) => !operation.outbound && !isAdmin(operation))
        .flatMap(({ security }) => security.map(({ schemes }) => hashOf(schemes))),
    )
    common.set(document, known)
  }
  return known
}

const common = new WeakMap<AuditedDocument, ReadonlySet<string>>()
