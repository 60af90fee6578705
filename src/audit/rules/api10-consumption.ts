import { isObject, own } from '../../contract/schema.ts'
import { below } from '../document/at.ts'
import { has, isGuarded, isSuccess, isType, titleOf } from '../facts.ts'
import { advice, policyLines } from '../fix.ts'
import type { Rule } from '../rule.ts'
import { isFreeText } from '../vocabulary.ts'
import { propertiesOfMedia } from './lookups.ts'

/** API10: what comes from others. */
export const api10Rules: readonly Rule[] = [
  {
    id: 'outbound-reply-without-schema',
    risk: 'API10',
    level: 'medium',
    title: 'The answer of another party is not described',
    rationale:
      'What a called party answers is input like any other; without a schema it is trusted as it comes.',
    remedy: 'Describe the replies of callbacks and webhooks, or say that nothing is read: 204.',
    cwe: [20, 346],
    on: 'operation',
    when: ({ outbound, responses }) => outbound && responses !== undefined,
    check: (operation) => {
      const open = operation.replies.find(
        ({ status, media }) => isSuccess(status) && media.some(({ schema }) => schema === undefined),
      )
      const silent = operation.replies.some(({ status }) => isSuccess(status))
      if (silent && open === undefined) return undefined
      return {
        message: `what is answered to ${titleOf(operation)} is not described`,
        at: open ?? operation.responses ?? operation,
        fix: advice('describe it, or declare 204'),
      }
    },
    failing:
      'webhooks: { made: { post: { responses: { "200": { description: ok, content: { application/json: {} } } } } } }',
    passing: 'webhooks: { made: { post: { responses: { "204": { description: ok } } } } }',
  },
  {
    id: 'outbound-cleartext',
    risk: 'API10',
    level: 'high',
    title: 'Another party is called without TLS',
    rationale: 'Whoever is on the way answers in its place.',
    remedy: 'Call `https://` only.',
    cwe: [319],
    on: 'operation',
    check: (operation) => {
      const integration = own(operation.node, 'x-amazon-apigateway-integration')
      const backend = own(operation.node, 'x-google-backend')
      const places: readonly (readonly [unknown, string, string])[] = [
        [integration, 'x-amazon-apigateway-integration', 'uri'],
        [backend, 'x-google-backend', 'address'],
      ]
      for (const [holder, key, member] of places) {
        const uri = isObject(holder) ? own(holder, member) : undefined
        if (typeof uri === 'string' && /^http:/i.test(uri))
          return {
            message: `${titleOf(operation)} is passed on without TLS`,
            at: below(operation, key, member),
            fix: advice('write `https://`'),
          }
      }
      return operation.expression !== undefined && /^http:/i.test(operation.expression)
        ? { message: 'a callback goes out without TLS', fix: advice('write `https://`') }
        : undefined
    },
    failing: `paths:
  /a:
    get:
      x-amazon-apigateway-integration: { type: http, uri: "http://backend.example.com/a" }
      responses: { "200": { description: it } }`,
    passing: `paths:
  /a:
    get:
      x-amazon-apigateway-integration: { type: http, uri: "https://backend.example.com/a" }
      responses: { "200": { description: it } }`,
  },
  {
    id: 'outbound-without-authentication',
    risk: 'API10',
    level: 'medium',
    title: 'A webhook that proves nothing',
    rationale:
      'Who receives a webhook must be able to tell it from a forgery, and the party that is called from an impostor.',
    remedy:
      'Send a signature (`Webhook-Signature`, RFC 9421) and declare it as a header parameter, or name a scheme under `security`.',
    cwe: [345, 306],
    on: 'operation',
    when: ({ outbound }) => outbound,
    check: (operation) =>
      operation.security.length > 0 ||
      operation.parameters.some(
        ({ name, in: place }) => place === 'header' && /signature|hmac|authorization|token/i.test(name),
      )
        ? undefined
        : {
            message: `${titleOf(operation)} carries no signature`,
            fix: advice(
              'declare one:\n    parameters:\n      - { name: Webhook-Signature, in: header, required: true, schema: { type: string, maxLength: 500 } }',
            ),
          },
    failing: 'webhooks: { made: { post: { responses: { "204": { description: ok } } } } }',
    passing: `webhooks:
  made:
    post:
      parameters: [{ name: Webhook-Signature, in: header, required: true, schema: { type: string } }]
      responses: { "204": { description: ok } }`,
  },
  {
    id: 'webhook-receiver-unsigned',
    risk: 'API10',
    level: 'high',
    title: 'A webhook of another party is taken without proof',
    rationale: 'A receiver of payments or events that checks no signature books whatever somebody posts.',
    remedy: 'Take and require a signature header, and check it before anything else.',
    cwe: [345, 347],
    on: 'operation',
    when: (operation) =>
      !operation.outbound &&
      operation.method === 'POST' &&
      /(?:^|\/)(?:web-?hooks?|callbacks?|hooks|notifications?\/(?:receive|incoming)|ipn)(?:\/[^{]*)?$/i.test(
        operation.template.replace(/\/\{[^}]*\}$/, '/x'),
      ),
    check: (operation) =>
      operation.security.length > 0 ||
      operation.parameters.some(
        ({ name, in: place }) =>
          place === 'header' && /signature|hmac|authorization|token|secret/i.test(name),
      )
        ? undefined
        : {
            message: `${titleOf(operation)} takes events of another party without proof`,
            fix: advice(
              'require a signature:\n    parameters:\n      - { name: Webhook-Signature, in: header, required: true, schema: { type: string, maxLength: 500 } }',
            ),
          },
    failing: 'paths: { /webhooks/payment: { post: { responses: { "204": { description: ok } } } } }',
    passing: `paths:
  /webhooks/payment:
    post:
      parameters: [{ name: X-Signature, in: header, required: true, schema: { type: string } }]
      responses: { "204": { description: ok } }`,
  },
  {
    id: 'outbound-body-open',
    risk: 'API10',
    level: 'medium',
    title: 'What is taken from another party is not described',
    rationale: 'A receiver without a schema hands whatever another party sends to the code behind it.',
    remedy: 'Describe the body, with `additionalProperties: false` where the party lets you.',
    cwe: [20],
    on: 'operation',
    when: (operation) =>
      !operation.outbound &&
      operation.method === 'POST' &&
      /(?:^|\/)(?:web-?hooks?|callbacks?|hooks|ipn)(?:\/|$)/i.test(operation.template),
    check: (operation) => {
      const described = operation.requests.some(
        ({ schema }) =>
          schema !== undefined &&
          (isObject(own(schema.node, 'properties')) ||
            ['allOf', 'oneOf', 'anyOf', '$ref', 'items'].some((key) => has(schema.node, key))),
      )
      return described
        ? undefined
        : {
            message: `${titleOf(operation)} does not describe what it takes from another party`,
            fix: advice('describe the body with a schema'),
          }
    },
    failing: 'paths: { /webhooks/payment: { post: { responses: { "204": { description: ok } } } } }',
    passing: `paths:
  /webhooks/payment:
    post:
      requestBody: { content: { application/json: { schema: { type: object, additionalProperties: false, properties: { id: { type: string } } } } } }
      responses: { "204": { description: ok } }`,
  },
  {
    id: 'free-text-without-trust',
    risk: 'API10',
    level: 'low',
    title: 'Texts of others are returned without saying so',
    rationale:
      'Reviews, messages and comments are written by anybody; an agent that reads them follows what they say unless they are marked as data.',
    remedy: 'Mark them: `content: [{ for: …, trust: user-generated, mode: mark }]`.',
    cwe: [1427, 74],
    on: 'operation',
    when: (operation) => !operation.outbound && operation.method === 'GET',
    check: (operation, document) => {
      if (isGuarded(operation, document, 'content')) return undefined
      const text = operation.replies
        .filter(({ status }) => isSuccess(status))
        .flatMap(({ media }) => media.flatMap((one) => propertiesOfMedia(one, document)))
        .find(
          ({ name, schema, written }) =>
            isFreeText(name) &&
            schema !== undefined &&
            isType(schema.node, 'string') &&
            !has(written, 'x-sallyport') &&
            !['enum', 'const', 'pattern', 'format', 'x-trust'].some((key) => has(schema.node, key)),
        )
      return text === undefined
        ? undefined
        : {
            message: `${titleOf(operation)} returns free text in \`${text.name}\` without saying who wrote it`,
            fix: policyLines(
              `content:\n  - { for: "${titleOf(operation)}", trust: user-generated, mode: mark }`,
            ),
          }
    },
    failing: `paths:
  /reviews:
    get:
      responses: { "200": { description: them, content: { application/json: { schema: { type: object, properties: { comment: { type: string } } } } } } }`,
    passing: `paths:
  /reviews:
    get:
      responses: { "200": { description: them, content: { application/json: { schema: { type: object, properties: { stars: { type: integer } } } } } } }`,
  },
  {
    id: 'link-to-other-server',
    risk: 'API10',
    level: 'low',
    title: 'A link that leads to another server',
    rationale: 'Clients that follow an OpenAPI link to another server take their token along.',
    remedy: 'Leave `server` out of links, or say that credentials stay.',
    cwe: [346, 522],
    on: 'response',
    when: ({ node }) => isObject(own(node, 'links')),
    check: (response, document) => {
      const links = own(response.node, 'links')
      if (!isObject(links)) return undefined
      return Object.keys(links).flatMap((name) => {
        const link = document.object(links[name], below(response, 'links', name))
        return link !== undefined && has(link.node, 'server')
          ? [
              {
                message: `the link \`${name}\` leads to another server`,
                at: below(link, 'server'),
                fix: advice('leave `server` out'),
              },
            ]
          : []
      })
    },
    failing:
      'paths: { /a: { get: { responses: { "200": { description: it, links: { next: { operationId: b, server: { url: "https://other.example.com" } } } } } } } }',
    passing:
      'paths: { /a: { get: { responses: { "200": { description: it, links: { next: { operationId: b } } } } } } }',
  },
]
