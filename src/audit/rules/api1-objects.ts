import {
  isDeclaredPublic,
  isGuarded,
  isSuccess,
  isType,
  objectIds,
  textOf,
  titleOf,
  typeOfId,
} from '../facts.ts'
import { advice, policyLines } from '../fix.ts'
import type { Rule } from '../rule.ts'
import { isOwner, isStaffPath, spaced } from '../vocabulary.ts'
import { propertiesOfMedia } from './lookups.ts'

/** API1: whose is the object in the path? */
export const api1ObjectRules: readonly Rule[] = [
  {
    id: 'object-id-numeric',
    risk: 'API1',
    level: 'low',
    title: 'Object ids that can be counted through',
    rationale:
      'Whoever holds one integer id knows all the others. Ownership must be checked anyway; an id that cannot be guessed makes the miss of one check less fatal.',
    remedy:
      'Use random ids (`type: string`, `format: uuid`), or let the gate seal them: `sealing` in sallyport.yaml.',
    cwe: [340, 639],
    on: 'parameter',
    when: ({ name, schema }) => schema !== undefined && /^id$|_id$|Id$|-id$/.test(name),
    check: ({ schema, name }) =>
      schema !== undefined && isType(schema.node, 'integer')
        ? {
            message: `the id \`${name}\` is an integer that can be counted through`,
            at: schema,
            fix: advice('use ids that cannot be guessed:\n    type: string\n    format: uuid'),
          }
        : undefined,
    failing: `paths:
  /users/{id}:
    get:
      parameters: [{ name: id, in: path, required: true, schema: { type: integer } }]
      responses: { "200": { description: it } }`,
    passing: `paths:
  /users/{id}:
    get:
      parameters: [{ name: id, in: path, required: true, schema: { type: string, format: uuid } }]
      responses: { "200": { description: it } }`,
  },
  {
    id: 'object-id-guessable',
    risk: 'API1',
    level: 'low',
    title: 'Object ids that are known or short',
    rationale:
      'Addresses, telephone numbers and short runs of digits are known to others or found by trying, and they tie the URL to a person.',
    remedy: 'Name objects in paths by random ids; keep addresses and numbers in bodies.',
    cwe: [340, 598],
    on: 'parameter',
    when: ({ in: place, schema }) =>
      place === 'path' && schema !== undefined && isType(schema.node, 'string'),
    check: ({ schema, name }) => {
      if (schema === undefined) return undefined
      const pattern = textOf(schema.node, 'pattern')
      const known =
        /^(?:e ?mail|phone|phone number|msisdn|ssn)$/.test(spaced(name)) ||
        textOf(schema.node, 'format') === 'email'
      const short = /^\^?(?:\\d|\[0-9\])(?:\+|\*|\{\d+(?:,\d*)?\})\$?$/.test(pattern)
      if (!known && !short) return undefined
      return {
        message: `\`${name}\` ${known ? 'is known to others' : 'is a run of digits'} and names an object`,
        at: schema,
        fix: advice('name the object by a random id:\n    type: string\n    format: uuid'),
      }
    },
    failing: `paths:
  /users/{email}:
    get:
      parameters: [{ name: email, in: path, required: true, schema: { type: string, format: email } }]
      responses: { "200": { description: it } }`,
    passing: `paths:
  /users/{userId}:
    get:
      parameters: [{ name: userId, in: path, required: true, schema: { type: string, format: uuid } }]
      responses: { "200": { description: it } }`,
  },
  {
    id: 'object-without-rule',
    risk: 'API1',
    level: 'high',
    title: 'An object is named in the path and no rule says whose it is',
    rationale:
      'A caller who changes the id reaches the object of another unless something compares its owner with the caller. Nothing in the contract or the policy does.',
    remedy: 'Say in sallyport.yaml (or as `x-sallyport` at the operation) who owns the object.',
    cwe: [639, 285],
    on: 'operation',
    when: (operation) =>
      !operation.outbound && !isDeclaredPublic(operation) && objectIds(operation, 'path').length > 0,
    check: (operation, document) => {
      if (isGuarded(operation, document, 'object')) return undefined
      if (isStaffPath(operation.template) && isGuarded(operation, document, 'function')) return undefined
      const parameter = objectIds(operation, 'path').at(-1)
      if (parameter === undefined) return undefined
      const { name } = parameter
      const type = typeOfId(name, operation.template)
      const owner = operation.replies
        .filter(({ status }) => isSuccess(status))
        .flatMap(({ media }) => media.flatMap((one) => propertiesOfMedia(one, document)))
        .find((property) => isOwner(property.name) && property.name !== name)
      const own = /^(?:user|profile|account|member|customer|traveller|patient)$/.test(type)
      const by = own
        ? `owner: path.${name}`
        : owner === undefined
          ? 'learn: { mode: observe }'
          : `owner: response.${owner.name}`
      return {
        message: `${titleOf(operation)} names a ${type} by \`${name}\` and no rule says whose it is`,
        fix: policyLines(`objects:\n  ${type}: { id: path.${name}, ${by} }`),
      }
    },
    failing: `paths:
  /bookings/{bookingId}:
    get:
      parameters: [{ name: bookingId, in: path, required: true, schema: { type: string } }]
      responses: { "200": { description: it } }`,
    passing: `paths:
  /bookings/{bookingId}:
    get:
      x-sallyport: { objects: { booking: { id: path.bookingId, owner: response.userId } } }
      parameters: [{ name: bookingId, in: path, required: true, schema: { type: string } }]
      responses: { "200": { description: it } }`,
  },
  {
    id: 'reply-tells-owner',
    risk: 'API1',
    level: 'info',
    title: 'The reply tells the owner: it can be checked there',
    rationale:
      'Where a reply carries the owner’s id the gate can refuse what belongs to another without asking anybody.',
    remedy: 'Add `owner: response.…` to the object rule.',
    cwe: [639],
    on: 'operation',
    when: (operation) =>
      operation.method === 'GET' && !isDeclaredPublic(operation) && objectIds(operation, 'path').length > 0,
    check: (operation, document) => {
      if (isGuarded(operation, document, 'object')) return undefined
      const parameter = objectIds(operation, 'path').at(-1)
      const owner = operation.replies
        .filter(({ status }) => isSuccess(status))
        .flatMap(({ media }) => media.flatMap((one) => propertiesOfMedia(one, document)))
        .find((property) => isOwner(property.name) && property.name !== parameter?.name)
      if (owner === undefined || parameter === undefined) return undefined
      const type = typeOfId(parameter.name, operation.template)
      return {
        message: `the reply of ${titleOf(operation)} tells the owner in \`${owner.name}\`: ownership can be checked there`,
        fix: policyLines(
          `objects:\n  ${type}: { id: path.${parameter.name}, owner: response.${owner.name} }`,
        ),
      }
    },
    failing: `paths:
  /bookings/{bookingId}:
    get:
      parameters: [{ name: bookingId, in: path, required: true, schema: { type: string } }]
      responses: { "200": { description: it, content: { application/json: { schema: { type: object, properties: { userId: { type: string } } } } } } }`,
    passing: `paths:
  /bookings/{bookingId}:
    get:
      x-sallyport: { objects: { booking: { id: path.bookingId, owner: response.userId } } }
      parameters: [{ name: bookingId, in: path, required: true, schema: { type: string } }]
      responses: { "200": { description: it, content: { application/json: { schema: { type: object, properties: { userId: { type: string } } } } } } }`,
  },
]
