import { own } from '../../contract/schema.ts'
import { below } from '../document/at.ts'
import { has, isDeclaredPublic, isObjectSchema, isSuccess, isType, titleOf } from '../facts.ts'
import { addMembers, advice, policyLines } from '../fix.ts'
import type { Hit, Rule } from '../rule.ts'
import { isFieldsName, isPassword, isSensitive, named } from '../vocabulary.ts'
import { propertiesOfMedia } from './lookups.ts'

/** Data about a person that the person may see, others not. */
const isPersonal = named(
  /^(?:iban|tax id|ssn|social security number|national id|card number|credit card|creditcard|credit card number|pan|pin)$/,
)

/** API3: what a caller may read. */
export const api3PropertyRules: readonly Rule[] = [
  {
    id: 'reply-with-secret-property',
    risk: 'API3',
    level: 'critical',
    title: 'A reply carries a secret',
    rationale:
      'Password hashes, card numbers and secrets in a reply reach every caller that may read the record, and every log on the way.',
    remedy:
      'Remove it from the reply schema, mark it `writeOnly`, or guard it: `properties: { User.passwordHash: { read: never } }`.',
    cwe: [200, 201],
    on: 'property',
    when: ({ name, parent }) => parent.inReply && isSensitive(name),
    check: ({ name, spot, written, schema, parent }) =>
      written['writeOnly'] === true ||
      schema?.node['writeOnly'] === true ||
      has(written, 'x-sallyport') ||
      (schema !== undefined && (isType(schema.node, 'boolean') || isObjectSchema(schema.node)))
        ? undefined
        : {
            message: `replies carry \`${name}\``,
            at: spot,
            level: isPersonal(name) ? 'medium' : 'critical',
            fix:
              parent.place === 'component'
                ? policyLines(`properties:
  ${parent.name}.${name}: { read: never }`)
                : addMembers(spot, { writeOnly: true }),
          },
    failing: `paths:
  /users:
    get:
      responses: { "200": { description: them, content: { application/json: { schema: { type: object, properties: { passwordHash: { type: string } } } } } } }`,
    passing: `paths:
  /users:
    get:
      responses: { "200": { description: them, content: { application/json: { schema: { type: object, properties: { name: { type: string } } } } } } }`,
  },
  {
    id: 'password-not-write-only',
    risk: 'API3',
    level: 'medium',
    title: 'A password that is not `writeOnly`',
    rationale: 'Only `writeOnly` says that a schema shared by requests and replies never shows the password.',
    remedy: 'Write `writeOnly: true` and `format: password`.',
    cwe: [200],
    on: 'property',
    when: ({ name, schema }) => isPassword(name) && schema !== undefined && isType(schema.node, 'string'),
    check: ({ name, spot, written, schema, parent }, { version }) =>
      version === '2.0' ||
      written['writeOnly'] === true ||
      schema?.node['writeOnly'] === true ||
      written['$ref'] !== undefined
        ? undefined
        : {
            message: `\`${name}\` is not \`writeOnly\``,
            at: spot,
            fix: addMembers(spot, { writeOnly: true }, { safe: !parent.inReply }),
          },
    failing:
      'components: { schemas: { User: { type: object, properties: { password: { type: string } } } } }',
    passing:
      'components: { schemas: { User: { type: object, properties: { password: { type: string, writeOnly: true } } } } }',
  },
  {
    id: 'reply-without-schema',
    risk: 'API3',
    level: 'medium',
    title: 'A reply without a schema',
    rationale:
      'What is not described cannot be filtered: whatever the API puts into the reply reaches the caller.',
    remedy: 'Declare `content` with a schema.',
    cwe: [200, 1059],
    on: 'response',
    when: ({ status, operation }) =>
      !operation.outbound &&
      isSuccess(status) &&
      !/^20[245]$/.test(status) &&
      operation.method !== 'HEAD' &&
      operation.method !== 'OPTIONS',
    check: ({ status, media, operation, node, pointer, source }) => {
      const bare = media.find(({ schema, range }) => schema === undefined && /json|xml/.test(range))
      if (media.length > 0 && bare === undefined) return undefined
      // A write that says nothing but its status has no body to describe.
      if (media.length === 0 && (operation.method !== 'GET' || has(node, '$ref'))) return undefined
      const hit: Hit = {
        message: `the ${status} of ${titleOf(operation)} has no schema`,
        at: bare ?? { pointer, source },
        fix: advice(
          'describe it:\n    content:\n      application/json:\n        schema: { type: object, additionalProperties: false, properties: {} }',
        ),
      }
      return hit
    },
    failing: 'paths: { /a: { get: { responses: { "200": { description: it } } } } }',
    passing: `paths:
  /a:
    get:
      responses: { "200": { description: it, content: { application/json: { schema: { type: integer } } } } }`,
  },
  {
    id: 'reply-object-empty',
    risk: 'API3',
    level: 'medium',
    title: 'A reply described as “some object”',
    rationale:
      '`type: object` without properties is a schema that lets everything pass; so does an empty schema.',
    remedy: 'Declare the properties.',
    cwe: [200],
    on: 'media',
    when: ({ direction, schema, operation }) =>
      direction === 'reply' && schema !== undefined && !operation.outbound,
    check: ({ schema, operation }) => {
      if (schema === undefined) return undefined
      const keys = Object.keys(schema.node).filter(
        (key) => !/^(?:description|title|example|examples|nullable|x-.*)$/.test(key),
      )
      const empty = keys.length === 0 || (keys.length === 1 && own(schema.node, 'type') === 'object')
      return empty
        ? {
            message: `a reply of ${titleOf(operation)} is described as anything at all`,
            at: schema,
            fix: advice('declare the properties that it has'),
          }
        : undefined
    },
    failing: `paths:
  /a:
    get:
      responses: { "200": { description: it, content: { application/json: { schema: { type: object } } } } }`,
    passing: `paths:
  /a:
    get:
      responses: { "200": { description: it, content: { application/json: { schema: { type: object, properties: { a: { type: integer } } } } } } }`,
  },
  {
    id: 'fields-chosen-by-caller',
    risk: 'API3',
    level: 'medium',
    title: 'The caller chooses what the reply shows',
    rationale:
      '`fields`, `expand` and `include` reach columns and relations that the reply was never meant to show.',
    remedy: 'List what may be chosen: `enum`.',
    cwe: [200, 213],
    on: 'parameter',
    when: ({ name, in: place, schema }) => place === 'query' && schema !== undefined && isFieldsName(name),
    check: ({ name, schema }, document) => {
      if (schema === undefined || isType(schema.node, 'boolean') || isType(schema.node, 'integer'))
        return undefined
      const items = document.object(own(schema.node, 'items'), below(schema, 'items'))
      if (
        [schema.node, items?.node ?? {}].some(
          (node) => has(node, 'enum') || has(node, 'const') || has(node, 'pattern'),
        )
      )
        return undefined
      return {
        message: `\`${name}\` lets callers choose what replies show, without a list of what may be chosen`,
        at: schema,
        fix: advice('list what may be chosen:\n    enum: [id, name]'),
      }
    },
    failing: `paths:
  /a:
    get:
      parameters: [{ name: fields, in: query, schema: { type: string } }]
      responses: { "200": { description: it } }`,
    passing: `paths:
  /a:
    get:
      parameters: [{ name: fields, in: query, schema: { type: string, enum: [id, name] } }]
      responses: { "200": { description: it } }`,
  },
  {
    id: 'public-personal-data',
    risk: 'API3',
    level: 'high',
    title: 'Personal data in the reply of a public operation',
    rationale: 'An operation that everybody may call replies with addresses, numbers or birthdays of people.',
    remedy: 'Close the operation, or remove the properties from its reply.',
    cwe: [359],
    on: 'operation',
    when: (operation) => !operation.outbound && operation.method === 'GET' && isDeclaredPublic(operation),
    check: (operation, document) => {
      const property = operation.replies
        .filter(({ status }) => isSuccess(status))
        .flatMap(({ media }) => media.flatMap((one) => propertiesOfMedia(one, document)))
        .find(({ name }) =>
          /^(?:e-?mail|phone|phone_?number|mobile|birth_?date|date_?of_?birth|dob|home_?address|street|passport(?:_?number)?|ip_?address)$/i.test(
            name,
          ),
        )
      return property === undefined
        ? undefined
        : {
            message: `${titleOf(operation)} is public and replies with \`${property.name}\``,
            fix: advice('close it: name a scheme under `security`'),
          }
    },
    failing: `paths:
  /users:
    get:
      security: []
      responses: { "200": { description: them, content: { application/json: { schema: { type: object, properties: { email: { type: string } } } } } } }`,
    passing: `paths:
  /users:
    get:
      security: [{ token: [] }]
      responses: { "200": { description: them, content: { application/json: { schema: { type: object, properties: { email: { type: string } } } } } } }`,
  },
]
