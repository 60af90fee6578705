import { isObject, own } from '../../contract/schema.ts'
import { below } from '../document/at.ts'
import { has, isSuccess, isWrite, textOf, titleOf } from '../facts.ts'
import { addMembers, advice, setValue } from '../fix.ts'
import type { Hit, Rule } from '../rule.ts'

/** API8: servers, CORS, methods, caches. */
export const api8TransportRules: readonly Rule[] = [
  {
    id: 'server-cleartext',
    risk: 'API8',
    level: 'high',
    title: 'A server without TLS',
    rationale: 'Whoever is on the way reads and changes every request and reply.',
    remedy: 'Write `https://` or `wss://`.',
    cwe: [319],
    on: 'server',
    check: (server, { version }) => {
      const open =
        version === '2.0' ? !/^(?:https|wss):/i.test(server.url) : /^(?:http|ws|ftp):/i.test(server.url)
      if (!open) return undefined
      const local = /^\w+:\/\/(?:localhost|127\.|\[::1\])/i.test(server.url)
      const value =
        version === '2.0' ? 'https' : server.url.replace(/^http:/i, 'https:').replace(/^ws:/i, 'wss:')
      return {
        message: local ? 'a server on this machine is without TLS' : 'a server is without TLS',
        at: server.urlSpot,
        level: local ? 'low' : 'high',
        fix: setValue(server.urlSpot, value),
      }
    },
    failing: 'servers: [{ url: "http://api.example.com/" }]',
    passing: 'servers: [{ url: "https://api.example.com/" }]',
  },
  {
    id: 'server-variable-open',
    risk: 'API8',
    level: 'low',
    title: 'A server whose host is whatever a client fills in',
    rationale: 'A host made of a variable without `enum` sends credentials to whatever somebody puts there.',
    remedy: 'List the values: `enum`.',
    cwe: [601],
    on: 'server',
    when: ({ url }) => /^\w+:\/\/[^/]*\{/.test(url),
    check: (server) => {
      const variables = own(server.node, 'variables')
      const names = [...(/^\w+:\/\/([^/]*)/.exec(server.url)?.[1] ?? '').matchAll(/\{([^}]+)\}/g)].map(
        ([, name]) => name ?? '',
      )
      const open = names.find((name) => {
        const variable = isObject(variables) ? own(variables, name) : undefined
        return !isObject(variable) || !has(variable, 'enum')
      })
      return open === undefined
        ? undefined
        : {
            message: `the host depends on \`${open}\`, which may be anything`,
            at: server.urlSpot,
            fix: advice('list its values under `variables` with `enum`'),
          }
    },
    failing: 'servers: [{ url: "https://{tenant}.example.com", variables: { tenant: { default: a } } }]',
    passing:
      'servers: [{ url: "https://{region}.example.com", variables: { region: { default: eu, enum: [eu, us] } } }]',
  },
  {
    id: 'cors-undefined',
    risk: 'API8',
    level: 'info',
    title: 'Headers without a word on CORS',
    rationale:
      'Who may read replies from a browser is best said where the other headers are; the gate answers CORS by its own allow-list.',
    remedy: 'Declare `Access-Control-Allow-Origin`.',
    cwe: [942],
    on: 'response',
    when: ({ node }) => isObject(own(node, 'headers')),
    check: (response) => {
      const headers = own(response.node, 'headers')
      const names = isObject(headers) ? Object.keys(headers) : []
      const at = below(response, 'headers')
      return names.some((name) => name.toLowerCase() === 'access-control-allow-origin')
        ? undefined
        : {
            message: `the ${response.status} of ${titleOf(response.operation)} does not declare \`Access-Control-Allow-Origin\``,
            at,
            fix: addMembers(at, {
              'Access-Control-Allow-Origin': { schema: { type: 'string', const: 'https://app.example.com' } },
            }),
          }
    },
    failing:
      'paths: { /a: { get: { responses: { "200": { description: it, headers: { X-A: { schema: { type: string } } } } } } } }',
    passing:
      'paths: { /a: { get: { responses: { "200": { description: it, headers: { Access-Control-Allow-Origin: { schema: { type: string } } } } } } } }',
  },
  {
    id: 'cors-any',
    risk: 'API8',
    level: 'medium',
    title: 'Every web page may read the replies',
    rationale:
      '`Access-Control-Allow-Origin: *` opens whatever is inside a network to every page that somebody in it visits.',
    remedy: 'Name the origins.',
    cwe: [942],
    on: 'response',
    when: ({ node }) => isObject(own(node, 'headers')),
    check: (response, document) => {
      const headers = own(response.node, 'headers')
      if (!isObject(headers)) return undefined
      return Object.keys(headers)
        .filter((name) => name.toLowerCase() === 'access-control-allow-origin')
        .flatMap((name): Hit[] => {
          const at = below(response, 'headers', name)
          const header = document.object(headers[name], at)
          if (header === undefined) return []
          const schema = own(header.node, 'schema')
          const places = [header.node, isObject(schema) ? schema : {}]
          const values = places.flatMap((node) => [
            own(node, 'example'),
            own(node, 'default'),
            own(node, 'const'),
            ...(Array.isArray(own(node, 'enum')) ? (own(node, 'enum') as unknown[]) : []),
          ])
          return values.includes('*')
            ? [
                {
                  message: 'replies may be read by every web page',
                  at,
                  fix: advice('name the origins that may read them'),
                },
              ]
            : []
        })
    },
    failing:
      'paths: { /a: { get: { responses: { "200": { description: it, headers: { Access-Control-Allow-Origin: { schema: { type: string, default: "*" } } } } } } } }',
    passing:
      'paths: { /a: { get: { responses: { "200": { description: it, headers: { Access-Control-Allow-Origin: { schema: { type: string, const: "https://app.example.com" } } } } } } } }',
  },
  {
    id: 'trace-declared',
    risk: 'API8',
    level: 'medium',
    title: 'TRACE',
    rationale: 'TRACE sends back what it got: cookies, tokens, and what proxies added.',
    remedy: 'Remove the operation.',
    cwe: [693],
    on: 'operation',
    check: (operation) =>
      operation.method === 'TRACE'
        ? { message: `${titleOf(operation)} is declared`, fix: advice('remove the operation') }
        : undefined,
    failing: 'paths: { /a: { trace: { responses: { "200": { description: it } } } } }',
    passing: 'paths: { /a: { get: { responses: { "200": { description: it } } } } }',
  },
  {
    id: 'form-with-cookie',
    risk: 'API8',
    level: 'high',
    title: 'Cookies and forms: every page may write',
    rationale:
      'A browser sends cookies with a form of any page (cross-site request forgery) unless the media type needs a preflight.',
    remedy: 'Take JSON only, or a token from a header.',
    cwe: [352],
    on: 'operation',
    when: (operation, document) =>
      !operation.outbound &&
      isWrite(operation) &&
      operation.security.some(({ schemes }) =>
        [...schemes.keys()].some((name) => {
          const scheme = document.schemes.get(name)
          return (
            scheme !== undefined &&
            textOf(scheme.node, 'type') === 'apiKey' &&
            textOf(scheme.node, 'in') === 'cookie'
          )
        }),
      ),
    check: (operation) => {
      const form = operation.requests.find(({ range }) =>
        /^(?:application\/x-www-form-urlencoded|multipart\/form-data|text\/plain)/.test(range),
      )
      return form === undefined
        ? undefined
        : {
            message: `${titleOf(operation)} takes a form and is opened by a cookie`,
            at: form,
            fix: advice('take application/json, or ask for a token in a header'),
          }
    },
    failing: `components: { securitySchemes: { session: { type: apiKey, in: cookie, name: sid } } }
paths:
  /a:
    post:
      security: [{ session: [] }]
      requestBody: { content: { application/x-www-form-urlencoded: { schema: { type: object } } } }
      responses: { "200": { description: it } }`,
    passing: `components: { securitySchemes: { session: { type: apiKey, in: cookie, name: sid } } }
paths:
  /a:
    post:
      security: [{ session: [] }]
      requestBody: { content: { application/json: { schema: { type: object } } } }
      responses: { "200": { description: it } }`,
  },
  {
    id: 'cacheable-private-reply',
    risk: 'API8',
    level: 'info',
    title: 'A private reply declared as cacheable',
    rationale: 'A shared cache that keeps a reply to one caller gives it to the next.',
    remedy: 'Declare `Cache-Control` with `no-store` or `private`.',
    cwe: [525],
    on: 'response',
    when: ({ node, operation, status }) =>
      isObject(own(node, 'headers')) && operation.security.length > 0 && isSuccess(status),
    check: (response, document) => {
      const headers = own(response.node, 'headers')
      const cache = isObject(headers)
        ? document.object(own(headers, 'Cache-Control'), below(response, 'headers', 'Cache-Control'))
        : undefined
      const schema = cache === undefined ? undefined : own(cache.node, 'schema')
      const said =
        cache === undefined
          ? ''
          : [
              own(cache.node, 'example'),
              isObject(schema) ? own(schema, 'default') : '',
              isObject(schema) ? own(schema, 'const') : '',
            ].join(' ')
      return /\bpublic\b/.test(said) && cache !== undefined
        ? {
            message: `the ${response.status} of ${titleOf(response.operation)} needs a caller and is cacheable by everybody`,
            at: cache,
            level: 'medium',
            fix: advice('write `no-store` or `private`'),
          }
        : undefined
    },
    failing: `paths:
  /me:
    get:
      security: [{ token: [] }]
      responses: { "200": { description: it, headers: { Cache-Control: { schema: { type: string, const: "public, max-age=60" } } } } }`,
    passing: `paths:
  /me:
    get:
      security: [{ token: [] }]
      responses: { "200": { description: it, headers: { Cache-Control: { schema: { type: string, const: no-store } } } } }`,
  },
]
