import { isObject, own } from '../../contract/schema.ts'
import { below } from '../document/at.ts'
import { declares, isGuarded, lastSegment, titleOf } from '../facts.ts'
import { addMembers, policyLines } from '../fix.ts'
import type { Rule } from '../rule.ts'
import { isExpensive, isSignIn } from '../vocabulary.ts'
import { withResponse } from './responses.ts'

/** API4: how often. */
export const api4RateRules: readonly Rule[] = [
  {
    id: 'rate-limit-fields',
    risk: 'API4',
    level: 'info',
    title: 'Replies that do not tell what is left of a limit',
    rationale:
      'Honest clients slow down when replies tell them; the gate sends `RateLimit` and `RateLimit-Policy` in any case.',
    remedy: 'Declare a `RateLimit` header.',
    cwe: [770],
    on: 'response',
    when: ({ status, operation }, { version }) =>
      version !== '2.0' && /^[24]/.test(status) && !operation.outbound,
    check: (response) => {
      const headers = own(response.node, 'headers')
      const names = isObject(headers) ? Object.keys(headers).map((name) => name.toLowerCase()) : []
      const told =
        names.includes('ratelimit') ||
        (names.includes('ratelimit-limit') && names.includes('ratelimit-reset')) ||
        names.includes('x-ratelimit-limit') ||
        names.includes('x-rate-limit-limit')
      if (told) return undefined
      const spot = isObject(headers) ? below(response, 'headers') : response
      const header = { RateLimit: { schema: { type: 'string', maxLength: 200 } } }
      return {
        message: `the ${response.status} of ${titleOf(response.operation)} declares no \`RateLimit\``,
        at: spot,
        fix: addMembers(spot, isObject(headers) ? header : { headers: header }),
      }
    },
    failing: 'paths: { /a: { get: { responses: { "200": { description: it } } } } }',
    passing:
      'paths: { /a: { get: { responses: { "200": { description: it, headers: { RateLimit: { schema: { type: string } } } } } } } }',
  },
  {
    id: 'limit-undeclared',
    risk: 'API4',
    level: 'low',
    title: 'No reply for too many requests',
    rationale: 'A contract without 429 describes an API without limits, or clients that do not expect one.',
    remedy: 'Declare 429 with a problem and `Retry-After`.',
    cwe: [770],
    on: 'operation',
    when: ({ outbound, responses }) => !outbound && responses !== undefined,
    check: withResponse('429', ['429', '4XX'], 'TooManyRequests', 'Too many requests'),
    failing: 'paths: { /a: { get: { responses: { "200": { description: it } } } } }',
    passing: `paths:
  /a:
    get:
      responses: { "200": { description: it }, "429": { description: slow, content: { application/problem+json: { schema: { type: object } } } } }`,
  },
  {
    id: 'retry-after-undeclared',
    risk: 'API4',
    level: 'low',
    title: '429 without `Retry-After`',
    rationale: 'Clients that are not told when to come back come back at once.',
    remedy: 'Declare the `Retry-After` header.',
    cwe: [770],
    on: 'response',
    when: ({ status }) => status === '429',
    check: (response, { version }) => {
      const headers = own(response.node, 'headers')
      if (isObject(headers) && Object.keys(headers).some((name) => name.toLowerCase() === 'retry-after'))
        return undefined
      const spot = isObject(headers) ? below(response, 'headers') : response
      const header = {
        'Retry-After':
          version === '2.0'
            ? { type: 'integer', minimum: 0, maximum: 86400, format: 'int32' }
            : {
                description: 'Seconds to wait',
                schema: { type: 'integer', format: 'int32', minimum: 0, maximum: 86400 },
              },
      }
      return {
        message: `the 429 of ${titleOf(response.operation)} declares no \`Retry-After\``,
        at: spot,
        fix: addMembers(spot, isObject(headers) ? header : { headers: header }, { safe: true }),
      }
    },
    failing:
      'paths: { /a: { get: { responses: { "429": { description: slow, headers: { X-A: { schema: { type: string } } } } } } } }',
    passing:
      'paths: { /a: { get: { responses: { "429": { description: slow, headers: { Retry-After: { schema: { type: integer } } } } } } } }',
  },
  {
    id: 'sign-in-without-limit',
    risk: 'API4',
    level: 'high',
    title: 'Credentials can be guessed without end',
    rationale:
      'Sign-in, one-time codes and resets are guessed at unless attempts are limited by caller and by account.',
    remedy: 'Declare 429, and limit by address and by account.',
    cwe: [307, 799],
    on: 'operation',
    when: (operation) =>
      !operation.outbound && operation.method === 'POST' && isSignIn(lastSegment(operation)),
    check: (operation, document) =>
      (declares(operation, '429') &&
        operation.replies.some(({ status }) => status === '429' || status === '4XX')) ||
      isGuarded(operation, document, 'limit')
        ? undefined
        : {
            message: `attempts at ${titleOf(operation)} have no limit`,
            fix: policyLines(
              `limits:\n  - { for: "${titleOf(operation)}", per: [ip, body.username], rate: 5/min, lock: 15min }`,
            ),
          },
    failing:
      'paths: { /login: { post: { responses: { "200": { description: in }, "401": { description: no } } } } }',
    passing:
      'paths: { /login: { post: { responses: { "200": { description: in }, "401": { description: no }, "429": { description: slow } } } } }',
  },
  {
    id: 'expensive-without-limit',
    risk: 'API4',
    level: 'medium',
    title: 'Much work for one request, without a limit',
    rationale: 'Searches, exports, uploads and conversions cost far more than the request that starts them.',
    remedy: 'Declare 429 and give the operation a limit of its own.',
    cwe: [400, 770],
    on: 'operation',
    when: (operation) => !operation.outbound && isExpensive(lastSegment(operation)),
    check: (operation, document) =>
      operation.replies.some(({ status }) => status === '429' || status === '4XX') ||
      isGuarded(operation, document, 'limit')
        ? undefined
        : {
            message: `${titleOf(operation)} does much work and has no limit`,
            fix: policyLines(
              `limits:\n  - { for: "${titleOf(operation)}", per: caller, throttle: 2/s, queue: 10 }`,
            ),
          },
    failing: 'paths: { /reports/export: { get: { responses: { "200": { description: it } } } } }',
    passing:
      'paths: { /reports/export: { get: { responses: { "200": { description: it }, "429": { description: slow } } } } }',
  },
]
