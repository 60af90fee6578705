import { isObject, own } from '../../contract/schema.ts'
import { type At, below } from '../document/at.ts'
import type { AuditedDocument, AuditedMedia } from '../document/audited-document.ts'
import { declares, has, isSuccess, isType, isWrite, titleOf } from '../facts.ts'
import { addMembers, advice } from '../fix.ts'
import type { Rule } from '../rule.ts'
import { named } from '../vocabulary.ts'
import { arrayBody } from './lookups.ts'

const isPageSize = named(
  /^(?:limit|page ?size|per page|perpage|size|count|top|max results|maxresults|page limit|first|take|rows|num|number of results|results per page|page size limit)$/,
)
const isCursor = named(
  /^(?:cursor|page token|next token|after|before|starting after|ending before|page|offset|skip|marker|continuation token)$/,
)

/** API4: how much. */
export const api4SizeRules: readonly Rule[] = [
  {
    id: 'list-without-page',
    risk: 'API4',
    level: 'medium',
    title: 'A list that comes as a whole',
    rationale: 'A collection without pages grows until one request reads the whole table.',
    remedy: 'Take a bounded `limit`, and reply with a bounded list.',
    cwe: [770],
    on: 'operation',
    when: ({ method, outbound, replies }, document) =>
      method === 'GET' &&
      !outbound &&
      replies.some(
        ({ status, media }) =>
          isSuccess(status) && media.some(({ schema }) => schema !== undefined && listIn(schema, document)),
      ),
    check: (operation, document) => {
      if (operation.parameters.some(({ name }) => isPageSize(name) || isCursor(name))) return undefined
      const endless = operation.replies
        .filter(({ status }) => isSuccess(status))
        .flatMap(({ media }) =>
          media.flatMap(({ schema }) => (schema === undefined ? [] : (listIn(schema, document) ?? []))),
        )
        .some((list) => !has(list.node, 'maxItems'))
      return endless
        ? {
            message: `${titleOf(operation)} replies with a list and takes no page size`,
            fix: advice(
              'take a bounded page size:\n    parameters:\n      - { name: limit, in: query, schema: { type: integer, format: int32, minimum: 1, maximum: 100, default: 20 } }',
            ),
          }
        : undefined
    },
    failing: `paths:
  /a:
    get:
      responses: { "200": { description: them, content: { application/json: { schema: { type: array, items: { type: string } } } } } }`,
    passing: `paths:
  /a:
    get:
      parameters: [{ name: limit, in: query, schema: { type: integer, minimum: 1, maximum: 100 } }]
      responses: { "200": { description: them, content: { application/json: { schema: { type: array, items: { type: string } } } } } }`,
  },
  {
    id: 'page-without-bound',
    risk: 'API4',
    level: 'medium',
    title: 'A page as large as the caller likes',
    rationale: '`?limit=1000000` is one request and a million rows.',
    remedy: 'Write `maximum` at the page size.',
    cwe: [770],
    on: 'parameter',
    when: ({ name, in: place, schema }) =>
      place === 'query' && schema !== undefined && isPageSize(name) && !isType(schema.node, 'boolean'),
    check: ({ name, schema }) =>
      schema === undefined ||
      ['maximum', 'exclusiveMaximum', 'enum', 'const'].some((key) => has(schema.node, key))
        ? undefined
        : {
            message: `the page size \`${name}\` has no \`maximum\``,
            at: schema,
            fix: addMembers(schema, { maximum: 100 }),
          },
    failing: `paths:
  /a:
    get:
      parameters: [{ name: limit, in: query, schema: { type: integer } }]
      responses: { "200": { description: it } }`,
    passing: `paths:
  /a:
    get:
      parameters: [{ name: limit, in: query, schema: { type: integer, maximum: 100 } }]
      responses: { "200": { description: it } }`,
  },
  {
    id: 'upload-without-bound',
    risk: 'API4',
    level: 'medium',
    title: 'An upload without a size or type',
    rationale:
      'Binary bodies without a size fill disks, and without a type they are whatever the attacker likes.',
    remedy: 'Declare concrete media types and `maxLength` at the binary schema.',
    cwe: [434, 770],
    on: 'media',
    when: ({ direction, range, operation }) =>
      direction === 'request' &&
      !operation.outbound &&
      /^(?:application\/octet-stream|image\/|video\/|audio\/|application\/(?:pdf|zip|x-))|multipart\/|^\*\/\*/.test(
        range,
      ),
    check: (media, document) => {
      const files = /^multipart\//.test(media.range) ? filesOf(media, document) : [media.schema ?? media]
      return files.flatMap((file) =>
        has(file.node, 'maxLength')
          ? []
          : [
              {
                message: `an upload of ${titleOf(media.operation)} has no size`,
                at: file,
                fix:
                  media.schema === undefined
                    ? advice('declare `schema: { type: string, format: binary, maxLength: 5000000 }`')
                    : addMembers(file, { maxLength: 5000000 }),
              },
            ],
      )
    },
    failing: `paths:
  /a:
    post:
      requestBody: { content: { application/octet-stream: { schema: { type: string, format: binary } } } }
      responses: { "200": { description: it } }`,
    passing: `paths:
  /a:
    post:
      requestBody: { content: { application/octet-stream: { schema: { type: string, format: binary, maxLength: 1000000 } } } }
      responses: { "200": { description: it } }`,
  },
  {
    id: 'batch-body',
    risk: 'API4',
    level: 'medium',
    title: 'A batch without an end',
    rationale: 'A list as the whole body is many requests in one: it passes limits that count requests.',
    remedy: 'Write a small `maxItems`.',
    cwe: [799, 770],
    on: 'media',
    when: (media) =>
      media.direction === 'request' && !media.operation.outbound && arrayBody(media) !== undefined,
    check: (media) => {
      const list = arrayBody(media)
      const most = list === undefined ? undefined : own(list.node, 'maxItems')
      return list === undefined || (typeof most === 'number' && most <= 1000)
        ? undefined
        : {
            message: `${titleOf(media.operation)} takes a batch without a small \`maxItems\``,
            at: list,
            fix: most === undefined ? addMembers(list, { maxItems: 50 }) : advice('write\n    maxItems: 50'),
          }
    },
    failing: `paths:
  /a:
    post:
      requestBody: { content: { application/json: { schema: { type: array, items: { type: integer } } } } }
      responses: { "200": { description: it } }`,
    passing: `paths:
  /a:
    post:
      requestBody: { content: { application/json: { schema: { type: array, maxItems: 20, items: { type: integer } } } } }
      responses: { "200": { description: it } }`,
  },
  {
    id: 'body-without-413',
    risk: 'API4',
    level: 'info',
    title: 'No reply for a body that is too large',
    rationale: 'An upload whose contract has no 413 describes a server that reads whatever comes.',
    remedy: 'Declare 413.',
    cwe: [770],
    on: 'operation',
    when: (operation) =>
      !operation.outbound &&
      isWrite(operation) &&
      operation.requests.some(({ range }) => /octet-stream|multipart|image|video/.test(range)),
    check: (operation) =>
      declares(operation, '413', '4XX')
        ? undefined
        : {
            message: `${titleOf(operation)} takes files and declares no 413`,
            at: operation.responses ?? operation,
            fix:
              operation.responses === undefined
                ? advice('declare 413')
                : addMembers(operation.responses, { '413': { description: 'Too large' } }, { safe: true }),
          },
    failing: `paths:
  /files:
    post:
      requestBody: { content: { application/octet-stream: { schema: { type: string, format: binary } } } }
      responses: { "201": { description: it } }`,
    passing: `paths:
  /files:
    post:
      requestBody: { content: { application/octet-stream: { schema: { type: string, format: binary } } } }
      responses: { "201": { description: it }, "413": { description: too large } }`,
  },
]

/** The list that a reply is or holds at its top. */
function listIn(schema: At, document: AuditedDocument): readonly At[] | undefined {
  if (isType(schema.node, 'array')) return [schema]
  const properties = own(schema.node, 'properties')
  if (!isObject(properties)) return undefined
  const lists = ['items', 'data', 'results', 'records', 'entries', 'list', 'content', 'values'].flatMap(
    (name) => {
      const at = document.object(own(properties, name), below(schema, 'properties', name))
      return at !== undefined && isType(at.node, 'array') ? [at] : []
    },
  )
  return lists.length === 0 ? undefined : lists
}

function filesOf(media: AuditedMedia, document: AuditedDocument): readonly At[] {
  if (media.schema === undefined) return []
  const properties = own(media.schema.node, 'properties')
  if (!isObject(properties)) return []
  const { schema } = media
  return Object.keys(properties).flatMap((name) => {
    const at = document.object(properties[name], below(schema, 'properties', name))
    return at !== undefined && /^(?:binary|byte)$/.test(String(own(at.node, 'format') ?? '')) ? [at] : []
  })
}
