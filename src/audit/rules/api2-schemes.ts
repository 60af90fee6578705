import { own } from '../../contract/schema.ts'
import { below, type Spot } from '../document/at.ts'
import type { AuditedDocument, AuditedScheme } from '../document/audited-document.ts'
import { has, textOf } from '../facts.ts'
import { addMembers, advice, setValue } from '../fix.ts'
import type { Rule } from '../rule.ts'

const isHttp = ({ node }: AuditedScheme): boolean =>
  textOf(node, 'type') === 'http' || textOf(node, 'type') === 'basic'
const isKey = ({ node }: AuditedScheme): boolean => textOf(node, 'type') === 'apiKey'
const isBearer = ({ node }: AuditedScheme): boolean =>
  textOf(node, 'type') === 'oauth2' || /^jwt$/i.test(textOf(node, 'bearerFormat'))

/** API2: how callers prove who they are. */
export const api2SchemeRules: readonly Rule[] = [
  {
    id: 'http-basic',
    risk: 'API2',
    level: 'high',
    title: 'HTTP Basic authentication',
    rationale:
      'The password itself travels with every request, cannot be limited to a purpose, and is stored by every client.',
    remedy: 'Use tokens: `type: http, scheme: bearer, bearerFormat: JWT`, or OpenID Connect.',
    cwe: [522, 287],
    on: 'scheme',
    when: isHttp,
    check: (scheme) =>
      textOf(scheme.node, 'type') === 'basic' || /basic/i.test(textOf(scheme.node, 'scheme'))
        ? {
            message: `the scheme \`${scheme.name}\` sends passwords with every request`,
            at: has(scheme.node, 'scheme') ? below(scheme, 'scheme') : scheme,
            fix: advice('take tokens instead:\n    type: http\n    scheme: bearer\n    bearerFormat: JWT'),
          }
        : undefined,
    failing: 'components: { securitySchemes: { login: { type: http, scheme: basic } } }',
    passing: 'components: { securitySchemes: { login: { type: http, scheme: bearer } } }',
  },
  {
    id: 'insecure-auth-scheme',
    risk: 'API2',
    level: 'medium',
    title: 'An outdated authentication scheme',
    rationale:
      'Digest, NTLM, Negotiate, HOBA and OAuth 1.0 rest on broken hashes, on the connection, or on shared secrets.',
    remedy: 'Use `bearer`, `DPoP` or mutual TLS.',
    cwe: [1390, 327],
    on: 'scheme',
    when: isHttp,
    check: (scheme) =>
      /^(?:negotiate|ntlm|oauth|digest|hoba|vapid)$/i.test(textOf(scheme.node, 'scheme'))
        ? {
            message: `the scheme \`${scheme.name}\` is outdated`,
            at: below(scheme, 'scheme'),
            fix: setValue(below(scheme, 'scheme'), 'bearer'),
          }
        : undefined,
    failing: 'components: { securitySchemes: { old: { type: http, scheme: negotiate } } }',
    passing: 'components: { securitySchemes: { token: { type: http, scheme: bearer } } }',
  },
  {
    id: 'api-key-in-url',
    risk: 'API2',
    level: 'high',
    title: 'An API key in the URL',
    rationale: 'URLs are written to logs, histories and `Referer` fields of every party on the way.',
    remedy: 'Take the key from a header: `in: header`.',
    cwe: [598, 522],
    on: 'scheme',
    when: isKey,
    check: (scheme) =>
      /^(?:query|path)$/.test(textOf(scheme.node, 'in'))
        ? {
            message: `the scheme \`${scheme.name}\` takes the key from the URL`,
            at: below(scheme, 'in'),
            fix: setValue(below(scheme, 'in'), 'header'),
          }
        : undefined,
    failing: 'components: { securitySchemes: { key: { type: apiKey, in: query, name: key } } }',
    passing: 'components: { securitySchemes: { key: { type: apiKey, in: header, name: X-API-Key } } }',
  },
  {
    id: 'api-key-cleartext',
    risk: 'API2',
    level: 'high',
    title: 'API keys without TLS',
    rationale:
      'A key is a password that never changes. Without `https` or `wss` everybody on the way reads it.',
    remedy: 'Declare only servers with `https://` or `wss://`.',
    cwe: [319, 523],
    on: 'document',
    when: (document) => keysInUse(document).length > 0,
    check: (document) => {
      const servers = document.servers.filter(({ ofDocument }) => ofDocument)
      const open = servers.filter(({ url }) => /^(?:http|ws|ftp):/i.test(url))
      if (servers.length > 0 && open.length === 0) return undefined
      return keysInUse(document).map((scheme) => ({
        message:
          servers.length === 0
            ? `keys of \`${scheme.name}\` travel to a server that the contract does not name`
            : `keys of \`${scheme.name}\` travel to a server without TLS`,
        at: scheme,
        fix: advice(
          'declare where the API is, with TLS:\n    servers:\n      - url: https://api.example.com',
        ),
      }))
    },
    failing: `servers: [{ url: "http://api.example.com" }]
components: { securitySchemes: { key: { type: apiKey, in: header, name: X-API-Key } } }
paths: { /a: { get: { security: [{ key: [] }], responses: { "200": { description: it } } } } }`,
    passing: `servers: [{ url: "https://api.example.com" }]
components: { securitySchemes: { key: { type: apiKey, in: header, name: X-API-Key } } }
paths: { /a: { get: { security: [{ key: [] }], responses: { "200": { description: it } } } } }`,
  },
  {
    id: 'api-key-names-no-person',
    risk: 'API2',
    level: 'low',
    title: 'An API key alone opens operations that write',
    rationale:
      'A key names a program, not the person behind it: what it does cannot be limited to the objects of a person.',
    remedy: 'Ask for a token of the person, with the key or in its place.',
    cwe: [308, 287],
    on: 'operation',
    when: ({ method, outbound }) => !outbound && /^(?:POST|PUT|PATCH|DELETE)$/.test(method),
    check: (operation, document) => {
      const keyed = operation.security.find(
        ({ schemes }) =>
          schemes.size > 0 &&
          [...schemes.keys()].every((name) => {
            const scheme = document.schemes.get(name)
            return scheme !== undefined && isKey(scheme)
          }),
      )
      return keyed === undefined
        ? undefined
        : {
            message: `${operation.method} ${operation.template} is open to whoever has a key`,
            at: keyed.spot,
          }
    },
    failing: `components: { securitySchemes: { key: { type: apiKey, in: header, name: X-API-Key } } }
paths: { /a: { post: { security: [{ key: [] }], responses: { "200": { description: it } } } } }`,
    passing: `components: { securitySchemes: { token: { type: http, scheme: bearer } } }
paths: { /a: { post: { security: [{ token: [] }], responses: { "200": { description: it } } } } }`,
  },
  {
    id: 'oauth-implicit-flow',
    risk: 'API2',
    level: 'high',
    title: 'OAuth 2.0 implicit flow',
    rationale:
      'Access tokens in redirect URLs leak and can be injected. OAuth 2.1 and RFC 9700 no longer have the flow.',
    remedy: 'Use `authorizationCode` with PKCE.',
    cwe: [522, 598],
    on: 'flow',
    check: (flow, document) =>
      flow.kind === 'implicit'
        ? {
            message: `\`${flow.scheme}\` gives tokens by the implicit flow`,
            at: document.version === '2.0' ? below(flow, 'flow') : flow,
            fix: advice(
              'use the code flow with PKCE:\n    authorizationCode:\n      authorizationUrl: https://id.example.com/authorize\n      tokenUrl: https://id.example.com/token\n      scopes: {}',
            ),
          }
        : undefined,
    failing:
      'components: { securitySchemes: { o: { type: oauth2, flows: { implicit: { authorizationUrl: "https://id.example.com/a", scopes: {} } } } } }',
    passing:
      'components: { securitySchemes: { o: { type: oauth2, flows: { authorizationCode: { authorizationUrl: "https://id.example.com/a", tokenUrl: "https://id.example.com/t", scopes: {} } } } } }',
  },
  {
    id: 'oauth-password-flow',
    risk: 'API2',
    level: 'high',
    title: 'OAuth 2.0 password flow',
    rationale:
      'It teaches people to type their password into any client, and rules out second factors. OAuth 2.1 has dropped it.',
    remedy: 'Use `authorizationCode` with PKCE.',
    cwe: [522],
    on: 'flow',
    check: (flow, document) =>
      flow.kind === 'password'
        ? {
            message: `\`${flow.scheme}\` gives tokens for passwords`,
            at: document.version === '2.0' ? below(flow, 'flow') : flow,
            fix: advice(
              'use the code flow with PKCE:\n    authorizationCode:\n      authorizationUrl: https://id.example.com/authorize\n      tokenUrl: https://id.example.com/token\n      scopes: {}',
            ),
          }
        : undefined,
    failing:
      'components: { securitySchemes: { o: { type: oauth2, flows: { password: { tokenUrl: "https://id.example.com/t", scopes: {} } } } } }',
    passing:
      'components: { securitySchemes: { o: { type: oauth2, flows: { clientCredentials: { tokenUrl: "https://id.example.com/t", scopes: {} } } } } }',
  },
  {
    id: 'oauth-url-cleartext',
    risk: 'API2',
    level: 'high',
    title: 'Sign-in URLs without TLS',
    rationale: 'Codes, secrets and tokens of a sign-in without TLS belong to everybody on the way.',
    remedy: 'Write `https://` URLs.',
    cwe: [319],
    on: 'scheme',
    when: ({ node }) => /^(?:oauth2|openIdConnect)$/.test(textOf(node, 'type')),
    check: (scheme) => {
      const bad: Spot[] = []
      for (const holder of [scheme, ...scheme.flows])
        for (const key of [
          'authorizationUrl',
          'tokenUrl',
          'refreshUrl',
          'deviceAuthorizationUrl',
          'openIdConnectUrl',
          'oauth2MetadataUrl',
        ]) {
          const url = textOf(holder.node, key)
          if (/^http:/i.test(url) && !/^http:\/\/(?:localhost|127\.)/i.test(url)) bad.push(below(holder, key))
        }
      return [...new Map(bad.map((spot) => [spot.pointer, spot])).values()].map((at) => ({
        message: `\`${scheme.name}\` signs in without TLS`,
        at,
        fix: advice('write an `https://` URL'),
      }))
    },
    failing:
      'components: { securitySchemes: { o: { type: oauth2, flows: { clientCredentials: { tokenUrl: "http://id.example.com/t", scopes: {} } } } } }',
    passing:
      'components: { securitySchemes: { o: { type: oauth2, flows: { clientCredentials: { tokenUrl: "https://id.example.com/t", scopes: {} } } } } }',
  },
  {
    id: 'jwt-unspecified',
    risk: 'API2',
    level: 'low',
    title: 'Nothing says how tokens are checked',
    rationale:
      'A verifier that is not told algorithm, issuer and audience accepts `none`, a foreign issuer, or a token for another API (RFC 8725).',
    remedy:
      'Say in the description of the scheme that tokens follow RFC8725, and pin issuer, audience and algorithms in sallyport.yaml.',
    cwe: [347, 345],
    on: 'scheme',
    when: isBearer,
    check: (scheme) => {
      const description = textOf(scheme.node, 'description')
      if (/RFC ?8725/i.test(description)) return undefined
      const line = 'Tokens are JWTs checked as RFC8725 says: algorithm, issuer and audience are pinned.'
      return {
        message: `\`${scheme.name}\` does not say that its tokens are checked as RFC 8725 asks`,
        at: description === '' ? scheme : below(scheme, 'description'),
        fix:
          description === ''
            ? addMembers(scheme, { description: line })
            : advice(`add to the description:\n    ${line}`),
      }
    },
    failing: 'components: { securitySchemes: { token: { type: http, scheme: bearer, bearerFormat: JWT } } }',
    passing:
      'components: { securitySchemes: { token: { type: http, scheme: bearer, bearerFormat: JWT, description: Checked as RFC8725 says. } } }',
  },
  {
    id: 'short-lived-token',
    risk: 'API2',
    level: 'low',
    title: 'Tokens that cannot be refreshed',
    rationale: 'Where there is no refresh, access tokens tend to live long, and so does a stolen one.',
    remedy: 'Declare `refreshUrl`, and let access tokens live for minutes.',
    cwe: [613],
    on: 'flow',
    // RFC 6749 §4.4.3: no refresh token with client credentials; who has them asks again.
    when: ({ kind }) => kind !== 'clientCredentials',
    check: (flow) =>
      has(flow.node, 'refreshUrl')
        ? undefined
        : {
            message: `the ${flow.kind} flow of \`${flow.scheme}\` names no way to refresh tokens`,
            at: flow,
            fix: addMembers(flow, {
              refreshUrl: textOf(flow.node, 'tokenUrl') || 'https://id.example.com/token',
            }),
          },
    failing:
      'components: { securitySchemes: { o: { type: oauth2, flows: { authorizationCode: { authorizationUrl: "https://id.example.com/a", tokenUrl: "https://id.example.com/t", scopes: {} } } } } }',
    passing:
      'components: { securitySchemes: { o: { type: oauth2, flows: { authorizationCode: { authorizationUrl: "https://id.example.com/a", tokenUrl: "https://id.example.com/t", refreshUrl: "https://id.example.com/t", scopes: {} } } } } }',
  },
]

/** Schemes with keys that some operation, or the document as a whole, asks for. */
function keysInUse(document: AuditedDocument): readonly AuditedScheme[] {
  const used = new Set<string>()
  for (const operation of document.operations)
    for (const { schemes } of operation.security) for (const name of schemes.keys()) used.add(name)
  const whole = own(document.root.node, 'security')
  if (Array.isArray(whole))
    for (const one of whole)
      if (typeof one === 'object' && one !== null) for (const name of Object.keys(one)) used.add(name)
  return [...document.schemes.values()].filter((scheme) => used.has(scheme.name) && isKey(scheme))
}
