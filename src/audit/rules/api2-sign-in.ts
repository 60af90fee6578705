import { own } from '../../contract/schema.ts'
import { below } from '../document/at.ts'
import { declares, isSuccess, isType, isWrite, lastSegment, titleOf } from '../facts.ts'
import { advice } from '../fix.ts'
import type { Rule } from '../rule.ts'
import { isCredential, isPassword, isSignIn } from '../vocabulary.ts'
import { propertiesOfMedia } from './lookups.ts'

/** Marks of a page, which open nothing. */
const paging = /page_?token|(?:next|continuation|sync|cursor|pagination)[-_]?token/gi

/** API2: how credentials travel. */
export const api2SignInRules: readonly Rule[] = [
  {
    id: 'credentials-in-url',
    risk: 'API2',
    level: 'high',
    title: 'Credentials in the URL',
    rationale:
      'A password, token or secret in a path or query is written to logs and histories, and sent on in `Referer`.',
    remedy: 'Take it from the body or from a header.',
    cwe: [598],
    on: 'parameter',
    when: ({ in: place }) => place === 'query' || place === 'path',
    check: (parameter) =>
      looksSecret(parameter.name.replace(paging, ''))
        ? {
            message: `\`${parameter.name}\` in the ${parameter.in} looks like a credential`,
            at: below(parameter, 'name'),
            fix: advice('take it from the `Authorization` header or from the body'),
          }
        : undefined,
    failing: `paths:
  /a:
    get:
      parameters: [{ name: access_token, in: query, schema: { type: string } }]
      responses: { "200": { description: it } }`,
    passing: `paths:
  /a:
    get:
      parameters: [{ name: pageToken, in: query, schema: { type: string } }]
      responses: { "200": { description: it } }`,
  },
  {
    id: 'enumerable-sign-in',
    risk: 'API2',
    level: 'medium',
    title: 'A sign-in that tells whether an account exists',
    rationale: 'A 404 for an unknown name beside a 401 for a wrong password lists the accounts of an API.',
    remedy: 'Answer both with the same 401.',
    cwe: [204],
    on: 'operation',
    when: (operation) => !operation.outbound && isWrite(operation) && isSignIn(lastSegment(operation)),
    check: (operation) => {
      const telling = operation.replies.find(({ status }) => status === '404')
      return telling === undefined || operation.template.includes('{')
        ? undefined
        : {
            message: `${titleOf(operation)} answers 404: it tells which accounts exist`,
            at: operation.responses === undefined ? operation : below(operation.responses, '404'),
            fix: advice('answer an unknown account and a wrong password with the same 401'),
          }
    },
    failing: `paths:
  /login:
    post:
      responses: { "200": { description: in }, "401": { description: wrong password }, "404": { description: no such user } }`,
    passing: `paths:
  /login:
    post:
      responses: { "200": { description: in }, "401": { description: no } }`,
  },
  {
    id: 'password-weak',
    risk: 'API2',
    level: 'medium',
    title: 'Short passwords are allowed, or long ones are not',
    rationale:
      'NIST SP 800-63B-4 asks for at least 8 characters (15 where it is the only factor) and to take 64; what the schema allows is what people choose.',
    remedy: 'Write `minLength: 15` (8 with a second factor) and `maxLength` of 64 or more.',
    cwe: [521],
    on: 'property',
    when: ({ name, parent, schema }) =>
      isPassword(name) && parent.inRequest && schema !== undefined && isType(schema.node, 'string'),
    check: ({ name, spot, schema }) => {
      if (schema === undefined) return undefined
      const least = own(schema.node, 'minLength')
      const most = own(schema.node, 'maxLength')
      // A sign-in takes what was once allowed: only the form that sets one is judged, and it has a least length.
      if (typeof least !== 'number' && !/new|confirm/i.test(name)) return undefined
      if (typeof least === 'number' && least >= 8 && (typeof most !== 'number' || most >= 64))
        return undefined
      return {
        message: `\`${name}\` may be shorter than 8 characters or must be shorter than 64`,
        at: spot,
        fix: advice('write\n    minLength: 15\n    maxLength: 256'),
      }
    },
    failing: `paths:
  /register:
    post:
      requestBody: { content: { application/json: { schema: { type: object, properties: { password: { type: string, minLength: 4, maxLength: 20 } } } } } }
      responses: { "201": { description: made } }`,
    passing: `paths:
  /register:
    post:
      requestBody: { content: { application/json: { schema: { type: object, properties: { password: { type: string, minLength: 15, maxLength: 256 } } } } } }
      responses: { "201": { description: made } }`,
  },
  {
    id: 'token-in-get-reply',
    risk: 'API2',
    level: 'medium',
    title: 'Tokens in the reply of a GET',
    rationale:
      'Replies of GET are cached, prefetched and replayed; a token belongs into the reply of a POST with `Cache-Control: no-store`.',
    remedy: 'Issue tokens by POST.',
    cwe: [525],
    on: 'operation',
    when: ({ method, outbound }) => method === 'GET' && !outbound,
    check: (operation, document) => {
      const property = operation.replies
        .filter(({ status }) => isSuccess(status))
        .flatMap(({ media }) => media.flatMap((one) => propertiesOfMedia(one, document)))
        .find(({ name }) => /^(?:access|refresh|id|auth|session|bearer)_?token$/i.test(name))
      return property === undefined
        ? undefined
        : {
            message: `${titleOf(operation)} replies with \`${property.name}\``,
            fix: advice('issue tokens by POST, with `Cache-Control: no-store`'),
          }
    },
    failing: `paths:
  /token:
    get:
      responses: { "200": { description: it, content: { application/json: { schema: { type: object, properties: { accessToken: { type: string } } } } } } }`,
    passing: `paths:
  /token:
    post:
      responses: { "200": { description: it, content: { application/json: { schema: { type: object, properties: { accessToken: { type: string } } } } } } }`,
  },
  {
    id: 'sign-in-without-401',
    risk: 'API2',
    level: 'low',
    title: 'A sign-in that never refuses',
    rationale:
      'A sign-in whose contract knows only success says nothing about failure, and errors leak what they like.',
    remedy: 'Declare 401 with a problem.',
    cwe: [755],
    on: 'operation',
    when: (operation) =>
      !operation.outbound &&
      operation.method === 'POST' &&
      /log-?in|sign-?in|authenticate/i.test(lastSegment(operation)),
    check: (operation) =>
      declares(operation, '401', '400', '4XX')
        ? undefined
        : { message: `${titleOf(operation)} declares no refusal`, at: operation.responses ?? operation },
    failing: 'paths: { /login: { post: { responses: { "200": { description: in } } } } }',
    passing:
      'paths: { /login: { post: { responses: { "200": { description: in }, "401": { description: no } } } } }',
  },
]

function looksSecret(name: string): boolean {
  return (
    isCredential(name) ||
    /(?:client_?secret|token|access_?token|refresh_?token|id_?token|password|secret|api-?key)/i.test(name)
  )
}
