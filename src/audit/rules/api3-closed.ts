import { isObject, own } from '../../contract/schema.ts'
import { below } from '../document/at.ts'
import type { AuditedSchema } from '../document/audited-document.ts'
import { has, isObjectSchema, isType } from '../facts.ts'
import { addMembers, setValue } from '../fix.ts'
import type { Rule } from '../rule.ts'

const composing = ['allOf', 'anyOf', 'oneOf']

/** Part of a composition, or composed itself: there `additionalProperties: false` would refuse what belongs. */
function isComposed({ node, pointer }: AuditedSchema): boolean {
  return composing.some((key) => has(node, key)) || /\/(?:allOf|anyOf|oneOf)\/\d+$/.test(pointer)
}

function isOpen({ node }: AuditedSchema): boolean {
  return !has(node, 'additionalProperties') && own(node, 'unevaluatedProperties') !== false
}

/** API3: what an object may carry. */
export const api3ClosedRules: readonly Rule[] = [
  {
    id: 'request-object-open',
    risk: 'API3',
    level: 'high',
    title: 'A request object takes properties that nobody declared',
    rationale:
      'JSON Schema lets in whatever it does not forbid. A handler that copies the body into its record then takes `role: admin` (mass assignment).',
    remedy: 'Write `additionalProperties: false` (3.1 with `allOf`: `unevaluatedProperties: false`).',
    cwe: [915],
    on: 'schema',
    when: (schema) =>
      schema.inRequest &&
      isObject(own(schema.node, 'properties')) &&
      isObjectSchema(schema.node) &&
      !isComposed(schema),
    check: (schema) =>
      isOpen(schema)
        ? {
            message: `\`${schema.name || 'the body'}\` takes undeclared properties in requests`,
            fix: addMembers(schema, { additionalProperties: false }, { safe: !schema.inReply }),
          }
        : undefined,
    failing: `paths:
  /a:
    post:
      requestBody: { content: { application/json: { schema: { type: object, properties: { a: { type: integer } } } } } }
      responses: { "200": { description: it } }`,
    passing: `paths:
  /a:
    post:
      requestBody: { content: { application/json: { schema: { type: object, additionalProperties: false, properties: { a: { type: integer } } } } } }
      responses: { "200": { description: it } }`,
  },
  {
    id: 'reply-object-open',
    risk: 'API3',
    level: 'low',
    title: 'A reply object may carry what nobody declared',
    rationale:
      'What a reply may carry without being declared is what leaks when a column is added to a table.',
    remedy:
      'Write `additionalProperties: false`; the gate removes undeclared properties from replies anyway.',
    cwe: [213],
    on: 'schema',
    when: (schema) =>
      schema.inReply &&
      !schema.inRequest &&
      isObject(own(schema.node, 'properties')) &&
      isObjectSchema(schema.node) &&
      !isComposed(schema),
    check: (schema) =>
      isOpen(schema)
        ? {
            message: `\`${schema.name || 'the body'}\` may carry undeclared properties in replies`,
            fix: addMembers(schema, { additionalProperties: false }),
          }
        : undefined,
    failing: `paths:
  /a:
    get:
      responses: { "200": { description: it, content: { application/json: { schema: { type: object, properties: { a: { type: integer } } } } } } }`,
    passing: `paths:
  /a:
    get:
      responses: { "200": { description: it, content: { application/json: { schema: { type: object, additionalProperties: false, properties: { a: { type: integer } } } } } } }`,
  },
  {
    id: 'additional-properties-allowed',
    risk: 'API3',
    level: 'medium',
    title: 'Additional properties are allowed',
    rationale:
      'With `additionalProperties: true`, or a schema for them, callers choose names of properties. That is a map, and a map needs bounds.',
    remedy:
      'Write `additionalProperties: false`, or declare the properties; a true map needs `propertyNames` and `maxProperties`.',
    cwe: [915],
    on: 'schema',
    when: ({ node }) => isType(node, 'object') && has(node, 'additionalProperties'),
    check: (schema) => {
      const value = own(schema.node, 'additionalProperties')
      if (value === false || value === null) return undefined
      const spot = below(schema, 'additionalProperties')
      return {
        message: `\`${schema.name || 'the object'}\` takes properties of any name`,
        at: spot,
        level: value === true || (isObject(value) && Object.keys(value).length === 0) ? 'medium' : 'info',
        fix: setValue(spot, false),
      }
    },
    failing: 'components: { schemas: { A: { type: object, additionalProperties: true } } }',
    passing: 'components: { schemas: { A: { type: object, additionalProperties: false } } }',
  },
  {
    id: 'map-without-bound',
    risk: 'API3',
    level: 'medium',
    title: 'A map without a bound',
    rationale:
      'Callers may send as many keys as they like, each a chance to exhaust memory or to hit a name that means something.',
    remedy: 'Write `maxProperties`.',
    cwe: [770, 915],
    on: 'schema',
    when: ({ node }) => isType(node, 'object') && isObject(own(node, 'additionalProperties')),
    check: (schema) =>
      has(schema.node, 'maxProperties')
        ? undefined
        : {
            message: `the map \`${schema.name || 'here'}\` has no \`maxProperties\``,
            fix: addMembers(schema, { maxProperties: 100 }),
          },
    failing: 'components: { schemas: { A: { type: object, additionalProperties: { type: string } } } }',
    passing:
      'components: { schemas: { A: { type: object, maxProperties: 20, additionalProperties: { type: string } } } }',
  },
  {
    id: 'unevaluated-properties-allowed',
    risk: 'API3',
    level: 'medium',
    title: 'Unevaluated properties are allowed',
    rationale: 'The same hole as open additional properties, for composed schemas of 3.1.',
    remedy: 'Write `unevaluatedProperties: false`.',
    cwe: [915],
    on: 'schema',
    when: ({ node }, { version }) =>
      version === '3.1' && isType(node, 'object') && has(node, 'unevaluatedProperties'),
    check: (schema) => {
      const value = own(schema.node, 'unevaluatedProperties')
      if (value === false || value === null) return undefined
      const spot = below(schema, 'unevaluatedProperties')
      return {
        message: `\`${schema.name || 'the object'}\` takes unevaluated properties`,
        at: spot,
        level: value === true ? 'medium' : 'info',
        fix: setValue(spot, false),
      }
    },
    failing: 'components: { schemas: { A: { type: object, unevaluatedProperties: true } } }',
    passing: 'components: { schemas: { A: { type: object, unevaluatedProperties: false } } }',
  },
  {
    id: 'unevaluated-map-without-bound',
    risk: 'API3',
    level: 'medium',
    title: 'Unevaluated properties without a bound',
    rationale: 'A schema for unevaluated properties makes a map; callers may send as many keys as they like.',
    remedy: 'Write `maxProperties`, or `unevaluatedProperties: false`.',
    cwe: [770, 915],
    on: 'schema',
    when: ({ node }, { version }) =>
      version === '3.1' && isType(node, 'object') && isObject(own(node, 'unevaluatedProperties')),
    check: (schema) =>
      has(schema.node, 'maxProperties')
        ? undefined
        : {
            message: `\`${schema.name || 'the object'}\` takes any number of unevaluated properties`,
            fix: addMembers(schema, { maxProperties: 100 }),
          },
    failing: 'components: { schemas: { A: { type: object, unevaluatedProperties: { type: string } } } }',
    passing:
      'components: { schemas: { A: { type: object, maxProperties: 9, unevaluatedProperties: { type: string } } } }',
  },
  {
    id: 'composition-open',
    risk: 'API3',
    level: 'low',
    title: 'A composed request object is open',
    rationale:
      '`additionalProperties` does not see through `allOf`: a composed object is open unless `unevaluatedProperties: false` closes it.',
    remedy: 'Write `unevaluatedProperties: false` beside `allOf` (OpenAPI 3.1).',
    cwe: [915],
    on: 'schema',
    when: (schema, { version }) =>
      version === '3.1' &&
      schema.inRequest &&
      has(schema.node, 'allOf') &&
      !/\/(?:allOf|anyOf|oneOf)\/\d+$/.test(schema.pointer),
    check: (schema) =>
      has(schema.node, 'unevaluatedProperties') || has(schema.node, 'additionalProperties')
        ? undefined
        : {
            message: `the composed \`${schema.name || 'body'}\` takes undeclared properties`,
            fix: addMembers(schema, { unevaluatedProperties: false }),
          },
    failing: `components: { schemas: { B: { type: object, properties: { b: { type: integer } } } } }
paths:
  /a:
    post:
      requestBody: { content: { application/json: { schema: { allOf: [{ $ref: "#/components/schemas/B" }] } } } }
      responses: { "200": { description: it } }`,
    passing: `components: { schemas: { B: { type: object, properties: { b: { type: integer } } } } }
paths:
  /a:
    post:
      requestBody: { content: { application/json: { schema: { unevaluatedProperties: false, allOf: [{ $ref: "#/components/schemas/B" }] } } } }
      responses: { "200": { description: it } }`,
  },
]
