import { declares, isDeclaredPublic, titleOf } from '../facts.ts'
import { addMembers } from '../fix.ts'
import type { Rule } from '../rule.ts'
import { withResponse } from './responses.ts'

/** API8: replies that refuse. */
export const api8ErrorRules: readonly Rule[] = [
  {
    id: 'error-401-undeclared',
    risk: 'API8',
    level: 'low',
    title: 'No reply for a missing credential',
    rationale: 'An undeclared refusal is an untested one; what it carries nobody has looked at.',
    remedy: 'Declare 401 with a problem (RFC 9457).',
    cwe: [755, 209],
    on: 'operation',
    when: (operation) =>
      !operation.outbound && operation.responses !== undefined && !isDeclaredPublic(operation),
    check: withResponse('401', ['401', '4XX'], 'Unauthenticated', 'No valid credential'),
    failing: 'paths: { /a: { get: { responses: { "200": { description: it } } } } }',
    passing: `paths:
  /a:
    get:
      responses: { "200": { description: it }, "401": { description: no, content: { application/problem+json: {} } } }`,
  },
  {
    id: 'error-403-undeclared',
    risk: 'API8',
    level: 'low',
    title: 'No reply for a caller who may not',
    rationale:
      'An operation that asks for a credential refuses some of those who have one; the contract should say how.',
    remedy: 'Declare 403 with a problem (RFC 9457).',
    cwe: [755],
    on: 'operation',
    when: (operation) =>
      !operation.outbound && operation.responses !== undefined && operation.security.length > 0,
    check: (operation, document) =>
      declares(operation, '403', '404', '4XX')
        ? undefined
        : withResponse('403', ['403', '4XX'], 'Forbidden', 'Not allowed')(operation, document),
    failing:
      'paths: { /a: { get: { security: [{ token: [] }], responses: { "200": { description: it } } } } }',
    passing:
      'paths: { /a: { get: { security: [{ token: [] }], responses: { "200": { description: it }, "403": { description: no } } } } }',
  },
  {
    id: 'error-500-undeclared',
    risk: 'API8',
    level: 'info',
    title: 'No reply for a fault',
    rationale: 'Faults that nobody described tend to carry stack traces.',
    remedy: 'Declare 500 (or 5XX) with a problem.',
    cwe: [755, 209],
    on: 'operation',
    when: ({ outbound, responses }) => !outbound && responses !== undefined,
    check: withResponse('500', ['500', '5XX'], 'Failure', 'Something broke'),
    failing: 'paths: { /a: { get: { responses: { "200": { description: it } } } } }',
    passing: `paths:
  /a:
    get:
      responses: { "200": { description: it }, "500": { description: broken, content: { application/problem+json: {} } } }`,
  },
  {
    id: 'error-validation-undeclared',
    risk: 'API8',
    level: 'low',
    title: 'No reply for a wrong request',
    rationale:
      'An operation that never refuses input either takes everything or fails in ways that nobody described.',
    remedy: 'Declare 400, 422 or 4XX.',
    cwe: [755, 20],
    on: 'operation',
    when: ({ outbound, responses }) => !outbound && responses !== undefined,
    check: (operation, document) => {
      if (operation.replies.some(({ status }) => /^(?:400|422|4XX)$/i.test(status))) return undefined
      return withResponse(
        '400',
        ['400', '422', '4XX'],
        'BadRequest',
        'The request is wrong',
      )(operation, document)
    },
    failing: 'paths: { /a: { get: { responses: { "200": { description: it } } } } }',
    passing:
      'paths: { /a: { get: { responses: { "200": { description: it }, "400": { description: wrong } } } } }',
  },
  {
    id: 'error-without-schema',
    risk: 'API8',
    level: 'low',
    title: 'An error that may carry anything',
    rationale:
      'Errors are where internals leak: an error without a schema cannot be checked for what it should not say.',
    remedy: 'Give errors one schema: RFC 9457.',
    cwe: [209],
    on: 'media',
    when: ({ direction, pointer, operation }) =>
      direction === 'reply' &&
      !operation.outbound &&
      /\/(?:responses\/)?(?:[45]\d\d|[45]XX|default)\/content\//.test(pointer),
    check: (media) =>
      media.schema === undefined && /json|xml/.test(media.range)
        ? {
            message: `an error of ${titleOf(media.operation)} has no schema`,
            fix: addMembers(media, {
              schema: { type: 'object', properties: { title: { type: 'string', maxLength: 200 } } },
            }),
          }
        : undefined,
    failing:
      'paths: { /a: { get: { responses: { "400": { description: wrong, content: { application/json: {} } } } } } }',
    passing:
      'paths: { /a: { get: { responses: { "400": { description: wrong, content: { application/json: { schema: { type: object } } } } } } } }',
  },
]
