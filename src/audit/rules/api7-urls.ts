import { isObject, own } from '../../contract/schema.ts'
import type { At } from '../document/at.ts'
import { below } from '../document/at.ts'
import { has, isType, textOf, titleOf } from '../facts.ts'
import { advice } from '../fix.ts'
import type { Rule } from '../rule.ts'
import { isHostName, isUrlName, named } from '../vocabulary.ts'

const allowList = advice('say where it may lead:\n    pattern: "^https://(?:www\\\\.)?example\\\\.com/"')
/** Links that people follow, not the API. */
const isSelfLink = named(/^(?:self|href|html url|next|prev|previous|first|last|links?)$/)

/** An allow-list: a list of values, or a pattern that pins a scheme and a host. */
function isPinned(schema: At | undefined): boolean {
  if (schema === undefined) return false
  return (
    has(schema.node, 'enum') ||
    has(schema.node, 'const') ||
    /^\^?\(?(?:\?:)?(?:https?|ftp|\/)/.test(textOf(schema.node, 'pattern'))
  )
}

/** API7: where callers make the API go. */
export const api7Rules: readonly Rule[] = [
  {
    id: 'url-parameter',
    risk: 'API7',
    level: 'medium',
    title: 'A URL from the caller, without an allow-list',
    rationale:
      'An API that fetches what a parameter names can be made to fetch what only it can reach: metadata services, databases, itself.',
    remedy: 'List the hosts: a `pattern` that pins scheme and host, or an `enum`.',
    cwe: [918],
    on: 'parameter',
    when: ({ name, in: place, operation }) =>
      place !== 'path' &&
      operation?.outbound !== true &&
      (isUrlName(name) || /(?:^(?:callback|redirect)|_url|Url|-url)$/.test(name)),
    check: ({ name, schema, pointer, source }) =>
      isPinned(schema) ||
      (schema !== undefined && (isType(schema.node, 'boolean') || isType(schema.node, 'integer')))
        ? undefined
        : {
            message: `\`${name}\` takes a URL without an allow-list`,
            at: { pointer: `${pointer}/name`, source },
            fix: allowList,
          },
    failing: `paths:
  /fetch:
    get:
      parameters: [{ name: image_url, in: query, schema: { type: string, format: uri } }]
      responses: { "200": { description: it } }`,
    passing: `paths:
  /fetch:
    get:
      parameters: [{ name: image_url, in: query, schema: { type: string, format: uri, pattern: "^https://cdn\\\\.example\\\\.com/" } }]
      responses: { "200": { description: it } }`,
  },
  {
    id: 'url-property',
    risk: 'API7',
    level: 'medium',
    title: 'A URL in a request body, without an allow-list',
    rationale: 'Avatars, webhooks and imports are fetched by the API from wherever the body says.',
    remedy: 'List the hosts: a `pattern` that pins scheme and host, or an `enum`.',
    cwe: [918],
    on: 'property',
    when: ({ name, parent, schema }) =>
      parent.inRequest &&
      schema !== undefined &&
      isType(schema.node, 'string') &&
      !isSelfLink(name) &&
      (/^(?:uri|url|iri)$/.test(textOf(schema.node, 'format')) ||
        /(?:^|_|-)(?:url|uri|webhook|callback|endpoint)$|(?:Url|Uri|Webhook|Callback|Endpoint)$/.test(name)),
    check: ({ name, spot, schema, written }) =>
      isPinned(schema) || written['readOnly'] === true || schema?.node['readOnly'] === true
        ? undefined
        : { message: `\`${name}\` takes a URL without an allow-list`, at: spot, fix: allowList },
    failing: `paths:
  /hooks:
    post:
      requestBody: { content: { application/json: { schema: { type: object, properties: { webhookUrl: { type: string, format: uri } } } } } }
      responses: { "201": { description: made } }`,
    passing: `paths:
  /hooks:
    post:
      requestBody: { content: { application/json: { schema: { type: object, properties: { webhookUrl: { type: string, pattern: "^https://hooks\\\\.example\\\\.com/" } } } } } }
      responses: { "201": { description: made } }`,
  },
  {
    id: 'host-from-caller',
    risk: 'API7',
    level: 'medium',
    title: 'A host or address from the caller',
    rationale:
      'A host name, address or port that a caller gives leads a connection of the API to wherever the caller likes.',
    remedy: 'List the hosts: `enum`, or a `pattern`.',
    cwe: [918],
    on: 'parameter',
    when: ({ name, in: place }) => (place === 'query' || place === 'header') && isHostName(name),
    check: ({ name, schema, pointer, source }) =>
      schema !== undefined &&
      (has(schema.node, 'enum') || has(schema.node, 'const') || has(schema.node, 'pattern'))
        ? undefined
        : {
            message: `\`${name}\` takes a host without an allow-list`,
            at: { pointer: `${pointer}/name`, source },
            fix: advice('list the hosts:\n    enum: [a.example.com]'),
          },
    failing: `paths:
  /ping:
    get:
      parameters: [{ name: host, in: query, schema: { type: string } }]
      responses: { "200": { description: it } }`,
    passing: `paths:
  /ping:
    get:
      parameters: [{ name: host, in: query, schema: { type: string, enum: [a.example.com] } }]
      responses: { "200": { description: it } }`,
  },
  {
    id: 'callback-to-caller',
    risk: 'API7',
    level: 'high',
    title: 'The API calls a URL that the caller gave',
    rationale:
      'A callback to `{$request.body#/url}` is server-side request forgery by design, unless the URL is checked before each call.',
    remedy:
      'Pin scheme and host of the URL, resolve and check the address before each call, and sign what is sent.',
    cwe: [918],
    on: 'operation',
    when: ({ outbound, expression }) => outbound && expression !== undefined,
    check: (operation, document) => {
      const { expression = '' } = operation
      const place = /\{\$request\.(?:body#\/([\w-]+)|query\.([\w-]+)|header\.([\w-]+))\}/.exec(expression)
      if (place === null) return undefined
      const name = place[1] ?? place[2] ?? place[3] ?? ''
      const pinned =
        [...document.schemas.values()].some((schema) => {
          if (!schema.inRequest) return false
          const properties = own(schema.node, 'properties')
          const value = isObject(properties) ? own(properties, name) : undefined
          return isPinned(document.object(value, below(schema, 'properties', name)))
        }) || document.parameters.some((parameter) => parameter.name === name && isPinned(parameter.schema))
      return pinned
        ? undefined
        : { message: `a callback goes to whatever URL the caller gives in \`${name}\``, fix: allowList }
    },
    failing: `paths:
  /jobs:
    post:
      requestBody: { content: { application/json: { schema: { type: object, properties: { notify: { type: string } } } } } }
      callbacks: { done: { "{$request.body#/notify}": { post: { responses: { "200": { description: ok } } } } } }
      responses: { "201": { description: made } }`,
    passing: `paths:
  /jobs:
    post:
      requestBody: { content: { application/json: { schema: { type: object, properties: { notify: { type: string, pattern: "^https://a\\\\.example\\\\.com/" } } } } } }
      callbacks: { done: { "{$request.body#/notify}": { post: { responses: { "200": { description: ok } } } } } }
      responses: { "201": { description: made } }`,
  },
  {
    id: 'fetching-operation',
    risk: 'API7',
    level: 'low',
    title: 'An operation that fetches for the caller',
    rationale: 'Proxies, previews, imports and link checkers are the usual doors into a private network.',
    remedy: 'Let it go through an egress proxy with an allow-list, and give it a limit.',
    cwe: [918, 441],
    on: 'operation',
    when: ({ outbound }) => !outbound,
    check: (operation) =>
      /(?:^|\/)(?:proxy|fetch|preview|unfurl|oembed|import-?(?:from-?)?url|scrape|crawl|ping|traceroute|whois|screenshot|url-?check)(?:\/|$)/i.test(
        operation.template,
      )
        ? {
            message: `${titleOf(operation)} fetches for its caller by its name`,
            fix: advice('send it through an egress proxy with an allow-list'),
          }
        : undefined,
    failing: 'paths: { /proxy: { get: { responses: { "200": { description: it } } } } }',
    passing: 'paths: { /orders: { get: { responses: { "200": { description: it } } } } }',
  },
]
