import { isObject, own } from '../../contract/schema.ts'
import type { Spot } from '../document/at.ts'
import type { AuditedSchema } from '../document/audited-document.ts'
import { has, isObjectSchema, isSuccess, isWrite, titleOf } from '../facts.ts'
import { addMembers, type Fix, policyLines } from '../fix.ts'
import type { Rule } from '../rule.ts'
import { isOwner, isPrivileged, isServerManaged } from '../vocabulary.ts'
import { propertiesOfMedia } from './lookups.ts'

/** A rule where the schema has a name; where it has none the contract itself says it. */
function writeRule(parent: AuditedSchema, name: string, spot: Spot, who: string): Fix {
  return parent.place === 'component'
    ? policyLines(`properties:\n  ${parent.name}.${name}: { write: ${who} }`)
    : addMembers(spot, { readOnly: true })
}

/** API3: what a caller may write. */
export const api3WritableRules: readonly Rule[] = [
  {
    id: 'privileged-property-writable',
    risk: 'API3',
    level: 'high',
    title: 'A property that only staff should set is writable',
    rationale:
      'Roles, balances, prices and states that a request may carry are set by whoever sends them, unless something refuses.',
    remedy:
      'Remove it from the request schema, mark it `readOnly`, or guard it: `properties: { User.role: { write: … } }`.',
    cwe: [915, 269],
    on: 'property',
    when: ({ name, parent }) => parent.inRequest && isPrivileged(name),
    check: ({ name, spot, written, schema, parent }) =>
      written['readOnly'] === true ||
      schema?.node['readOnly'] === true ||
      has(written, 'x-sallyport') ||
      isObject(own(parent.node, 'x-sallyport'))
        ? undefined
        : {
            message: `callers may write \`${name}\``,
            at: spot,
            level:
              /^(?:price|discount|plan|tier|group|groups|scope|scopes|subscription.?plan|unit.?price|total.?.*)$/i.test(
                name,
              )
                ? 'medium'
                : 'high',
            fix: writeRule(parent, name, spot, `"'admin' in caller.roles"`),
          },
    failing: `paths:
  /users:
    post:
      requestBody: { content: { application/json: { schema: { type: object, properties: { isAdmin: { type: boolean } } } } } }
      responses: { "201": { description: made } }`,
    passing: `paths:
  /users:
    post:
      requestBody: { content: { application/json: { schema: { type: object, properties: { isAdmin: { type: boolean, readOnly: true } } } } } }
      responses: { "201": { description: made } }`,
  },
  {
    id: 'privileged-property-hidden',
    risk: 'API3',
    level: 'high',
    title: 'The record has a property that the request does not declare and does not refuse',
    rationale:
      'The reply shows `role`, the request schema does not name it and is open: sending it is the first thing an attacker tries.',
    remedy: 'Close the request object: `additionalProperties: false`.',
    cwe: [915],
    on: 'operation',
    when: (operation) => !operation.outbound && isWrite(operation) && operation.requests.length > 0,
    check: (operation, document) => {
      const asked = operation.requests.flatMap((media) => propertiesOfMedia(media, document))
      const names = new Set(asked.map(({ name }) => name))
      const hidden = operation.replies
        .filter(({ status }) => isSuccess(status))
        .flatMap(({ media }) => media.flatMap((one) => propertiesOfMedia(one, document)))
        .find(({ name }) => isPrivileged(name) && !names.has(name))
      const body = operation.requests[0]?.schema
      if (hidden === undefined || body === undefined) return undefined
      const open =
        isObjectSchema(body.node) &&
        own(body.node, 'additionalProperties') !== false &&
        own(body.node, 'unevaluatedProperties') !== false
      return open
        ? {
            message: `${titleOf(operation)} replies with \`${hidden.name}\` and its open body may carry it`,
            fix: addMembers(body, { additionalProperties: false }),
          }
        : undefined
    },
    failing: `paths:
  /users:
    post:
      requestBody: { content: { application/json: { schema: { type: object, properties: { name: { type: string } } } } } }
      responses: { "201": { description: made, content: { application/json: { schema: { type: object, properties: { role: { type: string } } } } } } }`,
    passing: `paths:
  /users:
    post:
      requestBody: { content: { application/json: { schema: { type: object, additionalProperties: false, properties: { name: { type: string } } } } } }
      responses: { "201": { description: made, content: { application/json: { schema: { type: object, properties: { role: { type: string } } } } } } }`,
  },
  {
    id: 'owner-property-writable',
    risk: 'API3',
    level: 'high',
    title: 'The owner of an object is writable',
    rationale: 'Who sends `userId` of another creates in their name, or gives an object away.',
    remedy: 'Take the owner from the token; mark the property `readOnly` or guard it.',
    cwe: [639, 915],
    on: 'property',
    when: ({ name, parent }) => parent.inRequest && isOwner(name),
    check: ({ name, spot, written, schema, parent }) =>
      written['readOnly'] === true ||
      schema?.node['readOnly'] === true ||
      has(written, 'x-sallyport') ||
      isObject(own(parent.node, 'x-sallyport')) ||
      (schema !== undefined && isObjectSchema(schema.node))
        ? undefined
        : {
            message: `callers may write the owner \`${name}\``,
            at: spot,
            fix: writeRule(parent, name, spot, `never`),
          },
    failing: `paths:
  /orders:
    post:
      requestBody: { content: { application/json: { schema: { type: object, properties: { userId: { type: string } } } } } }
      responses: { "201": { description: made } }`,
    passing: `paths:
  /orders:
    post:
      requestBody: { content: { application/json: { schema: { type: object, properties: { item: { type: string } } } } } }
      responses: { "201": { description: made } }`,
  },
  {
    id: 'server-property-writable',
    risk: 'API3',
    level: 'low',
    title: 'What the API itself sets is writable',
    rationale: 'Ids and times that a caller may send overwrite records or falsify their history.',
    remedy: 'Mark them `readOnly: true`.',
    cwe: [915],
    on: 'property',
    when: ({ name, parent }) => parent.inRequest && parent.inReply && isServerManaged(name),
    check: ({ name, spot, written, schema }) =>
      written['readOnly'] === true || schema?.node['readOnly'] === true || written['$ref'] !== undefined
        ? undefined
        : {
            message: `\`${name}\` is set by the API and may be sent by callers`,
            at: spot,
            fix: addMembers(spot, { readOnly: true }),
          },
    failing: `components: { schemas: { A: { type: object, properties: { createdAt: { type: string, format: date-time } } } } }
paths:
  /a:
    post:
      requestBody: { content: { application/json: { schema: { $ref: "#/components/schemas/A" } } } }
      responses: { "201": { description: made, content: { application/json: { schema: { $ref: "#/components/schemas/A" } } } } }`,
    passing: `components: { schemas: { A: { type: object, properties: { createdAt: { type: string, format: date-time, readOnly: true } } } } }
paths:
  /a:
    post:
      requestBody: { content: { application/json: { schema: { $ref: "#/components/schemas/A" } } } }
      responses: { "201": { description: made, content: { application/json: { schema: { $ref: "#/components/schemas/A" } } } } }`,
  },
]
