import { isObject, own } from '../../contract/schema.ts'
import { below } from '../document/at.ts'
import { has, textOf } from '../facts.ts'
import { addMembers, advice } from '../fix.ts'
import type { Rule } from '../rule.ts'
import { memberOr } from './responses.ts'

const environment =
  /local|sandbox|alpha|beta|test|stag|prod|next|preprod|develop|\bdev\b|demo|\bqa\b|\buat\b|live/i

/** API9: where it runs, and who answers for it. */
export const api9ServerRules: readonly Rule[] = [
  {
    id: 'server-audience-undeclared',
    risk: 'API9',
    level: 'info',
    title: 'A server that is not said to be public or internal',
    rationale: 'Internal servers that stand beside public ones are published with them.',
    remedy: 'Write `x-internal: true` or `false`.',
    cwe: [1059],
    on: 'server',
    when: ({ ofDocument }, { version }) => version !== '2.0' && ofDocument,
    check: (server) =>
      has(server.node, 'x-internal')
        ? undefined
        : {
            message: 'the server is neither said to be public nor internal',
            fix: addMembers(server, { 'x-internal': false }),
          },
    failing: 'servers: [{ url: "https://api.example.com" }]',
    passing: 'servers: [{ url: "https://api.example.com", x-internal: false }]',
  },
  {
    id: 'server-environment-undeclared',
    risk: 'API9',
    level: 'info',
    title: 'A server whose environment is not said',
    rationale: 'Which of several servers is production must not be guessed by those who write to it.',
    remedy: 'Say it in the description: production, staging, test.',
    cwe: [1059],
    on: 'server',
    when: ({ ofDocument }, { version }) => version !== '2.0' && ofDocument,
    check: (server) =>
      environment.test(textOf(server.node, 'description'))
        ? undefined
        : {
            message: 'the description of the server does not name its environment',
            at: memberOr(server, 'description'),
            fix: has(server.node, 'description')
              ? advice('name it: production, staging, test')
              : addMembers(server, { description: 'Production' }),
          },
    failing: 'servers: [{ url: "https://api.example.com", description: The API }]',
    passing: 'servers: [{ url: "https://api.example.com", description: Production }]',
  },
  {
    id: 'server-undeclared',
    risk: 'API9',
    level: 'low',
    title: 'No server, or the one of a template',
    rationale: 'A contract that does not say where the API is was not written from what runs.',
    remedy: 'Write `servers`.',
    cwe: [1059],
    on: 'document',
    check: (document) => {
      if (document.version === '2.0')
        return has(document.root.node, 'host')
          ? undefined
          : {
              message: 'the contract names no `host`',
              fix: advice('write\n    host: api.example.org\n    schemes: [https]'),
            }
      const servers = document.servers.filter(({ ofDocument }) => ofDocument)
      const template = servers.find(({ url }) => /petstore\.swagger\.io|virtserver\.swaggerhub/.test(url))
      if (template !== undefined)
        return { message: 'the server is the one of a template', at: template.urlSpot }
      return servers.length === 0
        ? {
            message: 'the contract names no server',
            fix: advice('write\n    servers:\n      - url: https://api.example.org'),
          }
        : undefined
    },
    failing: 'paths: { /a: { get: { responses: { "200": { description: it } } } } }',
    passing: 'servers: [{ url: "https://api.example.org" }]',
  },
  {
    id: 'server-not-production',
    risk: 'API9',
    level: 'low',
    title: 'Servers for development in a published contract',
    rationale:
      'Staging and development hosts hold real data behind weaker locks, and attackers look for their names.',
    remedy: 'Keep them in a contract of their own, or mark them `x-internal: true`.',
    cwe: [200, 1059],
    on: 'server',
    when: ({ node }) => own(node, 'x-internal') !== true,
    check: (server, { version }) =>
      version !== '2.0' &&
      /^\w+:\/\/(?:localhost|127\.|10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|[\w.-]*\b(?:dev|staging|stage|stg|uat|qa|preprod|internal|corp|local)\b)/i.test(
        server.url,
      )
        ? {
            message: 'the server is not one of production',
            at: server.urlSpot,
            fix: addMembers(server, { 'x-internal': true }),
          }
        : undefined,
    failing: 'servers: [{ url: "https://staging.example.com" }]',
    passing: 'servers: [{ url: "https://api.example.com" }]',
  },
  {
    id: 'owner-undeclared',
    risk: 'API9',
    level: 'info',
    title: 'Nobody answers for the API',
    rationale: 'An API without a contact is one whose flaws are reported to nobody.',
    remedy: 'Write `info.contact`.',
    cwe: [1059],
    on: 'document',
    when: ({ root }) => isObject(own(root.node, 'info')),
    check: ({ root }) => {
      const info = own(root.node, 'info')
      return isObject(info) && isObject(own(info, 'contact'))
        ? undefined
        : {
            message: 'the contract names no contact',
            at: below(root, 'info'),
            fix: addMembers(below(root, 'info'), {
              contact: { name: 'The team', email: 'security@example.org' },
            }),
          }
    },
    failing: 'tags: []',
    passing: 'openapi: 3.1.0\ninfo: { title: T, version: "1", contact: { name: Team } }',
  },
  {
    id: 'reference-dangling',
    risk: 'API9',
    level: 'medium',
    title: 'A reference that leads nowhere',
    rationale:
      'What a reference does not find is not checked by anybody: the schema behind it accepts everything in most tools.',
    remedy: 'Correct the reference, or add what it names. Nothing is fetched from other hosts.',
    cwe: [1059],
    on: 'document',
    check: ({ dangling }) =>
      dangling.map(({ source, pointer, why }) => ({
        message: `a reference leads nowhere: ${why}`,
        at: { source, pointer },
      })),
    failing: 'paths: { /a: { get: { responses: { "200": { $ref: "#/components/responses/Gone" } } } } }',
    passing: `paths: { /a: { get: { responses: { "200": { $ref: "#/components/responses/It" } } } } }
components: { responses: { It: { description: it } } }`,
  },
]
