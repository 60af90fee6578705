import { isObject, own } from '../../contract/schema.ts'
import { below } from '../document/at.ts'
import type { AuditedDocument } from '../document/audited-document.ts'
import { has, isRead, isWrite, titleOf, type wordsOf } from '../facts.ts'
import { addMembers, advice } from '../fix.ts'
import type { Hit, Rule } from '../rule.ts'

/** API2: who must prove it, and where. */
export const api2RequirementRules: readonly Rule[] = [
  {
    id: 'no-security-schemes',
    risk: 'API2',
    level: 'high',
    title: 'No way to prove who calls',
    rationale:
      'A contract without security schemes describes an API that is open, or one that hides how it is closed.',
    remedy: 'Declare a scheme under `components.securitySchemes` and name it under `security`.',
    cwe: [306],
    on: 'document',
    when: (document) => document.operations.some(({ outbound }) => !outbound) || document.version === '2.0',
    check: (document) =>
      document.schemes.size > 0
        ? undefined
        : {
            message: 'the contract declares no security scheme',
            fix:
              document.version === '2.0'
                ? addMembers(document.root, {
                    securityDefinitions: { key: { type: 'apiKey', in: 'header', name: 'X-API-Key' } },
                    security: [{ key: [] }],
                  })
                : addMembers(document.root, {
                    security: [{ token: [] }],
                    components: {
                      securitySchemes: { token: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
                    },
                  }),
          },
    failing: 'paths: { /a: { get: { responses: { "200": { description: it } } } } }',
    passing: `security: [{ token: [] }]
components: { securitySchemes: { token: { type: http, scheme: bearer } } }
paths: { /a: { get: { responses: { "200": { description: it } } } } }`,
  },
  {
    id: 'no-global-security',
    risk: 'API2',
    level: 'medium',
    title: 'Nothing is closed by default',
    rationale: 'Without `security` at the top, an operation that forgets its own line is open.',
    remedy: 'Write `security` at the top, and `security: []` at the few operations that are public.',
    cwe: [306, 1188],
    on: 'document',
    when: (document) => document.schemes.size > 0,
    check: (document) => {
      const whole = own(document.root.node, 'security')
      if (Array.isArray(whole) && whole.length > 0) return undefined
      const scheme = [...document.schemes.keys()][0] ?? 'token'
      return {
        message: 'no `security` holds for the document as a whole',
        fix: Array.isArray(whole)
          ? advice(`write\n    security:\n      - ${scheme}: []`)
          : addMembers(document.root, { security: [{ [scheme]: [] }] }),
      }
    },
    failing: 'components: { securitySchemes: { token: { type: http, scheme: bearer } } }',
    passing: `security: [{ token: [] }]
components: { securitySchemes: { token: { type: http, scheme: bearer } } }`,
  },
  {
    id: 'write-without-security',
    risk: 'API2',
    level: 'critical',
    title: 'Everybody may write',
    rationale: 'An operation that changes something asks for no credential.',
    remedy:
      'Name a security scheme at the operation. Where it is open on purpose (a login), ignore the rule there with a reason.',
    cwe: [306, 862],
    on: 'operation',
    when: (operation) => !operation.outbound && isWrite(operation),
    check: (operation, document) => openTo(operation, document, isEntrance(operation) ? 'low' : undefined),
    failing: 'paths: { /orders: { post: { responses: { "201": { description: made } } } } }',
    passing: `components: { securitySchemes: { token: { type: http, scheme: bearer } } }
paths: { /orders: { post: { security: [{ token: [] }], responses: { "201": { description: made } } } } }`,
  },
  {
    id: 'read-without-security',
    risk: 'API2',
    level: 'medium',
    title: 'Everybody may read',
    rationale:
      'An operation that reads asks for no credential. What is public on purpose should say so: `security: []`.',
    remedy: 'Name a security scheme at the operation.',
    cwe: [306, 862],
    on: 'operation',
    when: (operation) => !operation.outbound && isRead(operation),
    check: (operation, document) =>
      openTo(operation, document, operation.securityFrom === 'operation' ? 'low' : undefined),
    failing: 'paths: { /orders: { get: { responses: { "200": { description: them } } } } }',
    passing: `components: { securitySchemes: { token: { type: http, scheme: bearer } } }
paths: { /orders: { get: { security: [{ token: [] }], responses: { "200": { description: them } } } } }`,
  },
  {
    id: 'security-optional',
    risk: 'API2',
    level: 'high',
    title: 'A credential that may be left out',
    rationale:
      'The empty alternative `{}` makes every other alternative optional: who sends no token gets in.',
    remedy: 'Remove `{}`, or declare a public operation beside the closed one.',
    cwe: [306, 287],
    on: 'operation',
    when: ({ security, outbound }) => !outbound && security.length > 0,
    check: (operation) => {
      const empty = operation.security.find(({ schemes }) => schemes.size === 0)
      return empty === undefined
        ? undefined
        : {
            message: `${titleOf(operation)} lets callers leave their credential out`,
            at: empty.spot,
            fix: advice('remove `{}` from the alternatives'),
          }
    },
    failing: `components: { securitySchemes: { token: { type: http, scheme: bearer } } }
paths: { /a: { get: { security: [{ token: [] }, {}], responses: { "200": { description: it } } } } }`,
    passing: `components: { securitySchemes: { token: { type: http, scheme: bearer } } }
paths: { /a: { get: { security: [{ token: [] }], responses: { "200": { description: it } } } } }`,
  },
  {
    id: 'scheme-undefined',
    risk: 'API2',
    level: 'high',
    title: 'A security scheme that does not exist',
    rationale: 'Tools that do not know a scheme leave it out, and with it the lock.',
    remedy: 'Declare the scheme, or name one that is declared.',
    cwe: [1188, 306],
    on: 'document',
    when: ({ operations, root }) =>
      has(root.node, 'security') || operations.some(({ security }) => security.length > 0),
    check: (document) => {
      const hits: Hit[] = []
      const seen = new Set<string>()
      for (const { spot, schemes } of requirementsOf(document))
        for (const name of schemes)
          if (!document.schemes.has(name) && !seen.has(`${spot.pointer} ${name}`)) {
            seen.add(`${spot.pointer} ${name}`)
            hits.push({
              message: 'a requirement names a security scheme that is not declared',
              at: below(spot, name),
            })
          }
      return hits
    },
    failing: `components: { securitySchemes: { token: { type: http, scheme: bearer } } }
security: [{ tokn: [] }]`,
    passing: `components: { securitySchemes: { token: { type: http, scheme: bearer } } }
security: [{ token: [] }]`,
  },
]

/** Every scheme name of every requirement, with its place. */
function requirementsOf(
  document: AuditedDocument,
): { spot: ReturnType<typeof below>; schemes: readonly string[] }[] {
  const found: { spot: ReturnType<typeof below>; schemes: readonly string[] }[] = []
  const whole = own(document.root.node, 'security')
  const add = (list: unknown, spot: ReturnType<typeof below>): void => {
    if (Array.isArray(list))
      for (let i = 0; i < list.length; i++)
        if (isObject(list[i])) found.push({ spot: below(spot, i), schemes: Object.keys(list[i] as object) })
  }
  add(whole, below(document.root, 'security'))
  for (const operation of document.operations)
    add(own(operation.node, 'security'), below(operation, 'security'))
  return found
}

/** Operations that nobody has a token for yet. */
function isEntrance(operation: Parameters<typeof wordsOf>[0]): boolean {
  return /log-?in|sign-?in|sign-?up|register|token|forgot|reset|verify|otp|webhook|oauth|authorize|callback/i.test(
    operation.template,
  )
}

function openTo(
  operation: Parameters<typeof titleOf>[0],
  document: AuditedDocument,
  level: Hit['level'],
): Hit | undefined {
  if (operation.security.length > 0) return undefined
  const scheme = [...document.schemes.keys()][0] ?? 'token'
  const declared = operation.securityFrom === 'operation'
  const hit: Hit = {
    message: `${titleOf(operation)} asks for no credential`,
    at: declared ? below(operation, 'security') : operation,
    fix: declared
      ? advice(`write\n    security:\n      - ${scheme}: []`)
      : addMembers(operation, { security: [{ [scheme]: [] }] }),
  }
  return level === undefined ? hit : { ...hit, level }
}
