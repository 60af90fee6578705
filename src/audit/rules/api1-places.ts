import type { AuditedProperty } from '../document/read-properties.ts'
import {
  has,
  isDeclaredPublic,
  isGuarded,
  isObjectId,
  isType,
  objectIds,
  titleOf,
  typeOfId,
} from '../facts.ts'
import { policyLines } from '../fix.ts'
import type { Rule } from '../rule.ts'
import { isOwner } from '../vocabulary.ts'
import { isArrayOf, propertiesOfMedia } from './lookups.ts'

/** API1: ids in other places. */
export const api1PlaceRules: readonly Rule[] = [
  {
    id: 'object-id-in-body',
    risk: 'API1',
    level: 'medium',
    title: 'A body names another object and no rule says whose it is',
    rationale:
      'An order that takes any `addressId` lets a caller use the address of another. Ids in bodies are checked less often than ids in paths.',
    remedy: 'Add an object rule with the place in the body, or learn it.',
    cwe: [639],
    on: 'operation',
    when: (operation) => !operation.outbound && operation.requests.length > 0 && !isDeclaredPublic(operation),
    check: (operation, document) => {
      if (isGuarded(operation, document, 'object')) return undefined
      const found = new Map<string, AuditedProperty>()
      for (const media of operation.requests)
        for (const property of propertiesOfMedia(media, document))
          if (
            isObjectId(property.name, 'body') &&
            !isOwner(property.name) &&
            property.schema?.node['readOnly'] !== true
          )
            found.set(property.name, property)
      return [...found.values()].map(({ name, spot, parent }) => ({
        message: `the body of ${titleOf(operation)} names a ${typeOfId(name, operation.template)} by \`${name}\` and no rule says whose it is`,
        at: spot,
        fix: policyLines(
          `objects:\n  ${typeOfId(name, operation.template)}: { ${parent.place === 'component' ? `ids: [${parent.name}.${name}]` : `for: "${titleOf(operation)}", id: body.${name}`}, learn: { mode: observe } }`,
        ),
      }))
    },
    failing: `security: [{ token: [] }]
paths:
  /orders:
    post:
      requestBody: { content: { application/json: { schema: { type: object, properties: { addressId: { type: string } } } } } }
      responses: { "201": { description: made } }`,
    passing: `security: [{ token: [] }]
paths:
  /orders:
    post:
      x-sallyport: { objects: { address: { ids: [body.addressId], learn: {} } } }
      requestBody: { content: { application/json: { schema: { type: object, properties: { addressId: { type: string } } } } } }
      responses: { "201": { description: made } }`,
  },
  {
    id: 'object-filter-by-id',
    risk: 'API1',
    level: 'medium',
    title: 'A list can be asked for another’s objects',
    rationale:
      'A query such as `?customerId=` gives the objects of whoever is named there, unless it is compared with the caller.',
    remedy: 'Compare the parameter with the caller, or leave it out and take the caller’s own.',
    cwe: [639],
    on: 'operation',
    when: (operation) =>
      !operation.outbound && !isDeclaredPublic(operation) && objectIds(operation, 'query').length > 0,
    check: (operation, document) =>
      isGuarded(operation, document, 'object') || isGuarded(operation, document, 'function')
        ? undefined
        : objectIds(operation, 'query').map((parameter) => ({
            message: `${titleOf(operation)} takes \`${parameter.name}\` in the query and no rule says whose it may be`,
            at: parameter,
            fix: policyLines(
              isOwner(parameter.name)
                ? `functions:\n  - { for: "${titleOf(operation)}", allow: "query.${parameter.name} == caller.sub" }`
                : `objects:\n  ${typeOfId(parameter.name, operation.template)}: { ids: [query.${parameter.name}], learn: { mode: observe } }`,
            ),
          })),
    failing: `security: [{ token: [] }]
paths:
  /orders:
    get:
      parameters: [{ name: customerId, in: query, schema: { type: string } }]
      responses: { "200": { description: them } }`,
    passing: `security: [{ token: [] }]
paths:
  /orders:
    get:
      x-sallyport: { allow: "query.customerId == caller.sub" }
      parameters: [{ name: customerId, in: query, schema: { type: string } }]
      responses: { "200": { description: them } }`,
  },
  {
    id: 'object-id-in-header',
    risk: 'API1',
    level: 'medium',
    title: 'A header or cookie names an object',
    rationale:
      'Ids in headers and cookies are chosen by the caller like any other, and are overlooked by checks that read paths.',
    remedy: 'Take the id from the token, or add an object rule for the header.',
    cwe: [639],
    on: 'operation',
    when: (operation) =>
      !operation.outbound && ['header', 'cookie'].some((place) => objectIds(operation, place).length > 0),
    check: (operation, document) =>
      isGuarded(operation, document, 'object')
        ? undefined
        : [...objectIds(operation, 'header'), ...objectIds(operation, 'cookie')].map((parameter) => ({
            message: `${titleOf(operation)} takes an object’s id from the ${parameter.in} \`${parameter.name}\``,
            at: parameter,
            fix: policyLines(
              `objects:\n  ${typeOfId(parameter.name, operation.template)}: { ids: ["${parameter.in}.${parameter.name.toLowerCase()}"], learn: { mode: observe } }`,
            ),
          })),
    failing: `paths:
  /orders:
    get:
      parameters: [{ name: X-Booking-Id, in: header, schema: { type: string } }]
      responses: { "200": { description: them } }`,
    passing: `paths:
  /orders:
    get:
      parameters: [{ name: X-Request-Id, in: header, schema: { type: string } }]
      responses: { "200": { description: them } }`,
  },
  {
    id: 'object-ids-in-batch',
    risk: 'API1',
    level: 'medium',
    title: 'Many objects in one request',
    rationale:
      'A list of ids is one request that enumerates many objects; a check of the first says nothing about the rest.',
    remedy: 'Bound the list, and add an object rule with the place of the list: every id of it is checked.',
    cwe: [639, 770],
    on: 'parameter',
    when: ({ schema, in: place }) =>
      schema !== undefined && isType(schema.node, 'array') && place !== 'header',
    check: ({ name, schema, in: place, node, operation }, document) =>
      schema === undefined ||
      !isArrayOf(schema, name) ||
      has(node, 'x-sallyport') ||
      (operation !== undefined && isGuarded(operation, document, 'object'))
        ? undefined
        : {
            message: `\`${name}\` takes many ids at once and no rule says whose they are`,
            at: schema,
            fix: policyLines(
              `objects:\n  ${typeOfId(name, '')}: { ids: ["${place}.${name}"], learn: { mode: observe } }`,
            ),
          },
    failing: `paths:
  /orders:
    get:
      parameters: [{ name: orderIds, in: query, schema: { type: array, maxItems: 50, items: { type: string } } }]
      responses: { "200": { description: them } }`,
    passing: `paths:
  /orders:
    get:
      parameters: [{ name: states, in: query, schema: { type: array, maxItems: 50, items: { type: string } } }]
      responses: { "200": { description: them } }`,
  },
]
