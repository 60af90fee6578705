import { own } from '../../contract/schema.ts'
import { has, titleOf } from '../facts.ts'
import { addMembers, advice, policyLines } from '../fix.ts'
import type { Rule } from '../rule.ts'
import { memberOr } from './responses.ts'

/** API8: media types. */
export const api8MediaRules: readonly Rule[] = [
  {
    id: 'consumes-undefined',
    risk: 'API8',
    level: 'medium',
    title: 'A write that does not say which media types it takes',
    rationale: 'OpenAPI 2.0: without `consumes` every media type is right, and each has a parser of its own.',
    remedy: 'Write `consumes` at the operation or at the top.',
    cwe: [20, 436],
    on: 'operation',
    when: (operation, { version }) => version === '2.0' && /^(?:POST|PUT|PATCH)$/.test(operation.method),
    check: (operation, { root }) => {
      const list = own(operation.node, 'consumes') ?? own(root.node, 'consumes')
      return Array.isArray(list) && list.length > 0
        ? undefined
        : {
            message: `${titleOf(operation)} takes every media type`,
            at: memberOr(operation, 'consumes'),
            fix: has(operation.node, 'consumes')
              ? advice('write\n    consumes: [application/json]')
              : addMembers(operation, { consumes: ['application/json'] }),
          }
    },
    failing:
      'swagger: "2.0"\ninfo: { title: T, version: "1" }\npaths: { /a: { post: { responses: { "200": { description: it } } } } }',
    passing:
      'swagger: "2.0"\ninfo: { title: T, version: "1" }\npaths: { /a: { post: { consumes: [application/json], responses: { "200": { description: it } } } } }',
  },
  {
    id: 'media-type-any',
    risk: 'API8',
    level: 'medium',
    title: 'Any media type',
    rationale:
      '`*/*` lets a caller choose the parser: XML for JSON, a form that a web page can send, or none at all.',
    remedy: 'Name the media types.',
    cwe: [20, 436],
    on: 'media',
    when: ({ range, operation }) => range !== '' && !operation.outbound,
    check: (media) =>
      /^(?:\*\/\*|\*|application\/\*|text\/\*)/.test(media.range)
        ? {
            message: `a ${media.direction} of ${titleOf(media.operation)} may be of any media type`,
            level: media.direction === 'request' ? 'medium' : 'low',
            fix: advice('name it:\n    application/json'),
          }
        : undefined,
    failing: `paths:
  /a:
    post:
      requestBody: { content: { "*/*": { schema: { type: string } } } }
      responses: { "200": { description: it } }`,
    passing: `paths:
  /a:
    post:
      requestBody: { content: { application/json: { schema: { type: string } } } }
      responses: { "200": { description: it } }`,
  },
  {
    id: 'xml-body',
    risk: 'API8',
    level: 'medium',
    title: 'XML from callers',
    rationale:
      'XML parsers read files, open connections and expand entities unless each of these is switched off.',
    remedy: 'Take JSON, or refuse DOCTYPE; the gate refuses XML with a DOCTYPE.',
    cwe: [611, 776],
    on: 'media',
    when: ({ direction, operation }) => direction === 'request' && !operation.outbound,
    check: (media) =>
      /(?:^|[/+])xml\b/.test(media.range)
        ? {
            message: `${titleOf(media.operation)} takes XML`,
            fix: advice('take application/json, or switch DOCTYPE off in the parser'),
          }
        : undefined,
    failing: `paths:
  /a:
    post:
      requestBody: { content: { application/xml: { schema: { type: object } } } }
      responses: { "200": { description: it } }`,
    passing: `paths:
  /a:
    post:
      requestBody: { content: { application/json: { schema: { type: object } } } }
      responses: { "200": { description: it } }`,
  },
  {
    id: 'graphql-opaque',
    risk: 'API8',
    level: 'medium',
    title: 'GraphQL behind one opaque operation',
    rationale:
      'To a contract every query is the same POST: depth, batches, introspection and field rights are not checked by it.',
    remedy: 'Limit depth, batches and introspection, and give the operation a limit of its own.',
    cwe: [770, 1059],
    on: 'operation',
    when: ({ outbound }) => !outbound,
    check: (operation) =>
      /(?:^|\/)graphi?ql(?:\/|$)/i.test(operation.template)
        ? {
            message: `${titleOf(operation)} is GraphQL, which the contract cannot see into`,
            fix: policyLines(`limits:\n  - { for: "${titleOf(operation)}", per: caller, rate: 60/min }`),
          }
        : undefined,
    failing: 'paths: { /graphql: { post: { responses: { "200": { description: it } } } } }',
    passing: 'paths: { /graphs: { post: { responses: { "200": { description: it } } } } }',
  },
]
