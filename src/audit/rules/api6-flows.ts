import { has, isGuarded, isType, isWrite, lastSegment, titleOf } from '../facts.ts'
import { addMembers, advice, policyLines } from '../fix.ts'
import type { Rule } from '../rule.ts'
import { isBusinessNumber, isPayment, isSensitiveFlow, isStaffPath } from '../vocabulary.ts'

/** API6: flows that harm when a machine runs them. */
export const api6Rules: readonly Rule[] = [
  {
    id: 'sensitive-flow-without-policy',
    risk: 'API6',
    level: 'medium',
    title: 'A sensitive flow without a policy',
    rationale:
      'Buying, booking, voting, inviting and signing up do harm at the speed of a machine although each call is right by itself.',
    remedy:
      'Give the operation a limit of its own (`limits`) or declare the flow (`flows`) in sallyport.yaml.',
    cwe: [799, 837],
    on: 'operation',
    when: (operation) =>
      !operation.outbound &&
      operation.method === 'POST' &&
      isSensitiveFlow(lastSegment(operation)) &&
      !isStaffPath(operation.template),
    check: (operation, document) =>
      isGuarded(operation, document, 'limit') ||
      isGuarded(operation, document, 'flow') ||
      has(operation.node, 'x-business-flow')
        ? undefined
        : {
            message: `${titleOf(operation)} is a sensitive flow and has no policy`,
            fix: policyLines(`limits:\n  - { for: "${titleOf(operation)}", per: caller, rate: 10/min }`),
          },
    failing: 'paths: { /checkout: { post: { responses: { "200": { description: bought } } } } }',
    passing:
      'paths: { /checkout: { post: { x-sallyport: { limits: { per: caller, rate: 5/min } }, responses: { "200": { description: bought } } } } }',
  },
  {
    id: 'business-number-negative',
    risk: 'API6',
    level: 'high',
    title: 'A quantity or amount that may be negative',
    rationale: 'An order of −1 pieces is a refund; a transfer of −100 takes the money from the other side.',
    remedy: 'Write `minimum`.',
    cwe: [1284, 840],
    on: 'property',
    when: ({ name, parent, schema }) =>
      parent.inRequest &&
      schema !== undefined &&
      isBusinessNumber(name) &&
      (isType(schema.node, 'integer') || isType(schema.node, 'number')),
    check: ({ name, spot, schema, written }) =>
      schema === undefined ||
      written['readOnly'] === true ||
      ['minimum', 'exclusiveMinimum', 'enum', 'const'].some((key) => has(schema.node, key))
        ? undefined
        : {
            message: `\`${name}\` may be negative`,
            // Books know negative amounts; nobody orders a negative number of things.
            level: /quantity|qty|units|seats|nights|guests|credits|tip|stake|bid/i.test(name)
              ? 'high'
              : 'medium',
            at: written['$ref'] === undefined ? spot : schema,
            fix: addMembers(written['$ref'] === undefined ? spot : schema, {
              minimum: isType(schema.node, 'integer') ? 1 : 0,
            }),
          },
    failing: `paths:
  /orders:
    post:
      requestBody: { content: { application/json: { schema: { type: object, properties: { quantity: { type: integer, maximum: 9 } } } } } }
      responses: { "201": { description: made } }`,
    passing: `paths:
  /orders:
    post:
      requestBody: { content: { application/json: { schema: { type: object, properties: { quantity: { type: integer, minimum: 1, maximum: 9 } } } } } }
      responses: { "201": { description: made } }`,
  },
  {
    id: 'business-number-unbounded',
    risk: 'API6',
    level: 'medium',
    title: 'A quantity or amount without an upper bound',
    rationale: 'One call buys the whole stock, books all seats or moves more than anybody has.',
    remedy: 'Write `maximum`.',
    cwe: [1284, 837],
    on: 'property',
    when: ({ name, parent, schema }) =>
      parent.inRequest &&
      schema !== undefined &&
      isBusinessNumber(name) &&
      (isType(schema.node, 'integer') || isType(schema.node, 'number')),
    check: ({ name, spot, schema, written }) =>
      schema === undefined ||
      written['readOnly'] === true ||
      ['maximum', 'exclusiveMaximum', 'enum', 'const'].some((key) => has(schema.node, key))
        ? undefined
        : {
            message: `\`${name}\` has no upper bound`,
            at: written['$ref'] === undefined ? spot : schema,
            fix: addMembers(written['$ref'] === undefined ? spot : schema, { maximum: 100 }),
          },
    failing: `paths:
  /orders:
    post:
      requestBody: { content: { application/json: { schema: { type: object, properties: { quantity: { type: integer, minimum: 1 } } } } } }
      responses: { "201": { description: made } }`,
    passing: `paths:
  /orders:
    post:
      requestBody: { content: { application/json: { schema: { type: object, properties: { quantity: { type: integer, minimum: 1, maximum: 9 } } } } } }
      responses: { "201": { description: made } }`,
  },
  {
    id: 'payment-not-idempotent',
    risk: 'API6',
    level: 'low',
    title: 'A payment that can be repeated',
    rationale:
      'Networks repeat requests and attackers race them. Without an idempotency key two requests are two payments.',
    remedy: 'Take an `Idempotency-Key` header and require it.',
    cwe: [841, 362],
    on: 'operation',
    when: (operation) =>
      !operation.outbound && operation.method === 'POST' && isPayment(lastSegment(operation)),
    check: (operation) =>
      operation.parameters.some(({ name }) => /idempot|request-?id/i.test(name))
        ? undefined
        : {
            message: `${titleOf(operation)} takes no idempotency key`,
            fix: advice(
              'take one:\n    parameters:\n      - { name: Idempotency-Key, in: header, required: true, schema: { type: string, format: uuid } }',
            ),
          },
    failing: 'paths: { /payments: { post: { responses: { "201": { description: paid } } } } }',
    passing: `paths:
  /payments:
    post:
      parameters: [{ name: Idempotency-Key, in: header, required: true, schema: { type: string } }]
      responses: { "201": { description: paid } }`,
  },
  {
    id: 'price-from-caller',
    risk: 'API6',
    level: 'high',
    title: 'The caller says what it costs',
    rationale: 'A purchase that takes the price or total from the request sells at the price of the buyer.',
    remedy: 'Compute the price; remove it from the request.',
    cwe: [840, 472],
    on: 'property',
    when: ({ name, parent }) =>
      parent.inRequest &&
      /^(?:unit_?price|total_?price|price_?total|total|total_?amount|sub_?total|grand_?total|discount|discount_?percent)$/i.test(
        name.replaceAll('-', '_'),
      ),
    check: ({ name, spot, written, schema }, document) =>
      written['readOnly'] === true ||
      schema?.node['readOnly'] === true ||
      !document.operations.some((operation) => isWrite(operation) && isPayment(lastSegment(operation)))
        ? undefined
        : { message: `callers may send \`${name}\``, at: spot, fix: addMembers(spot, { readOnly: true }) },
    failing: `paths:
  /orders:
    post:
      requestBody: { content: { application/json: { schema: { type: object, properties: { totalPrice: { type: number, minimum: 0 } } } } } }
      responses: { "201": { description: made } }`,
    passing: `paths:
  /orders:
    post:
      requestBody: { content: { application/json: { schema: { type: object, properties: { item: { type: string } } } } } }
      responses: { "201": { description: made } }`,
  },
]
