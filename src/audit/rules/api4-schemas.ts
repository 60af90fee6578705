import { isExponential } from '../../contract/pattern/pattern.ts'
import { eachSubschema, isObject, own } from '../../contract/schema.ts'
import { below } from '../document/at.ts'
import type { AuditedDocument, AuditedSchema } from '../document/audited-document.ts'
import { has, isType, textOf } from '../facts.ts'
import { addMembers, advice } from '../fix.ts'
import type { Rule } from '../rule.ts'

/** Formats whose values have a length of their own. */
const bounded = /^(?:uuid|date|date-time|time|duration|ipv4|ipv6|binary|byte)$/
const isText = ({ node }: AuditedSchema): boolean => isType(node, 'string')
const isWhole = ({ node }: AuditedSchema): boolean => isType(node, 'integer')
const label = ({ name }: AuditedSchema): string => (name === '' ? 'the body' : `\`${name}\``)

/** An anchored pattern without an open repetition: it bounds the length itself. */
function boundsLength(pattern: string): boolean {
  return /^\^.*\$$/s.test(pattern) && !/[*+]|,\}/.test(pattern.replaceAll(/\\.|\[[^\]]*\]/g, 'x'))
}

/** API4: sizes of values. */
export const api4SchemaRules: readonly Rule[] = [
  {
    id: 'string-without-length',
    risk: 'API4',
    level: 'medium',
    title: 'A string without a length',
    rationale:
      'A field without `maxLength` takes megabytes: memory, storage, and time of whatever searches or hashes it.',
    remedy: 'Write `maxLength`, or `enum` or `const` where the values are known.',
    cwe: [770, 1284],
    on: 'schema',
    when: isText,
    check: (schema) => {
      const { node } = schema
      if (['maxLength', 'enum', 'const'].some((key) => has(node, key))) return undefined
      if (bounded.test(textOf(node, 'format')) || boundsLength(textOf(node, 'pattern'))) return undefined
      return { message: `${label(schema)} has no \`maxLength\``, fix: addMembers(schema, { maxLength: 255 }) }
    },
    failing: 'components: { schemas: { A: { type: string } } }',
    passing: 'components: { schemas: { A: { type: string, maxLength: 40 } } }',
  },
  {
    id: 'string-unrestricted',
    risk: 'API4',
    level: 'low',
    title: 'A string that may be anything',
    rationale: 'A format, pattern or list of values refuses most attacks before anything reads them.',
    remedy: 'Write `format`, `pattern`, `enum` or `const`. Free text is free text: label it instead.',
    cwe: [20],
    on: 'schema',
    when: isText,
    check: (schema) =>
      ['format', 'pattern', 'enum', 'const'].some((key) => has(schema.node, key))
        ? undefined
        : {
            message: `${label(schema)} has no \`format\`, \`pattern\` or \`enum\``,
            fix: advice('say what it looks like, for example\n    pattern: "^[A-Za-z0-9 _-]{1,80}$"'),
          },
    failing: 'components: { schemas: { A: { type: string } } }',
    passing: 'components: { schemas: { A: { type: string, format: email } } }',
  },
  {
    id: 'integer-without-bounds',
    risk: 'API4',
    level: 'medium',
    title: 'An integer without bounds',
    rationale:
      'Unbounded numbers become loops, page sizes and allocations; negative ones turn a debit into a credit.',
    remedy: 'Write `minimum` and `maximum`.',
    cwe: [770, 1284],
    on: 'schema',
    when: isWhole,
    check: (schema, { version }) => {
      const { node } = schema
      if (has(node, 'enum') || has(node, 'const')) return undefined
      // Before 3.1 `exclusiveMinimum: true` says how `minimum` is meant; from 3.1 on it stands in its place.
      const low =
        Number(has(node, 'minimum')) + (version === '3.1' ? Number(has(node, 'exclusiveMinimum')) : 0)
      const high =
        Number(has(node, 'maximum')) + (version === '3.1' ? Number(has(node, 'exclusiveMaximum')) : 0)
      if (low === 1 && high === 1) return undefined
      if (low > 1 || high > 1)
        return { message: `${label(schema)} has two bounds on one side`, fix: advice('keep one of them') }
      const small = textOf(node, 'format') === 'int32'
      return {
        message: `${label(schema)} has no ${low === 0 ? (high === 0 ? '`minimum` and `maximum`' : '`minimum`') : '`maximum`'}`,
        fix: addMembers(
          schema,
          {
            ...(low === 0 ? { minimum: small ? -2147483648 : 0 } : {}),
            ...(high === 0 ? { maximum: small ? 2147483647 : 1000 } : {}),
          },
          { safe: small },
        ),
      }
    },
    failing: 'components: { schemas: { A: { type: integer } } }',
    passing: 'components: { schemas: { A: { type: integer, minimum: 0, maximum: 100 } } }',
  },
  {
    id: 'number-without-bounds',
    risk: 'API4',
    level: 'low',
    title: 'A number without bounds',
    rationale:
      'A number without bounds takes 1e308 and -1, and what computes with it does what nobody tested.',
    remedy: 'Write `minimum` and `maximum`.',
    cwe: [1284],
    on: 'schema',
    when: ({ node }) => isType(node, 'number'),
    check: (schema) => {
      const { node } = schema
      if (has(node, 'enum') || has(node, 'const')) return undefined
      const low = ['minimum', 'exclusiveMinimum'].some((key) => has(node, key))
      const high = ['maximum', 'exclusiveMaximum'].some((key) => has(node, key))
      return low && high
        ? undefined
        : {
            message: `${label(schema)} has no ${low ? '`maximum`' : high ? '`minimum`' : '`minimum` and `maximum`'}`,
            fix: addMembers(schema, {
              ...(low ? {} : { minimum: 0 }),
              ...(high ? {} : { maximum: 1000000 }),
            }),
          }
    },
    failing: 'components: { schemas: { A: { type: number, minimum: 0 } } }',
    passing: 'components: { schemas: { A: { type: number, minimum: 0, maximum: 1 } } }',
  },
  {
    id: 'integer-without-format',
    risk: 'API4',
    level: 'low',
    title: 'An integer without a format',
    rationale:
      'Without `int32` or `int64` each reader picks a width of its own, and what overflows in one passes in another.',
    remedy: 'Write `format: int32` or `format: int64`.',
    cwe: [190],
    on: 'schema',
    when: isWhole,
    check: (schema) => {
      if (has(schema.node, 'format') || has(schema.node, 'enum') || has(schema.node, 'const'))
        return undefined
      const high = own(schema.node, 'maximum')
      const low = own(schema.node, 'minimum')
      const small =
        typeof high === 'number' && typeof low === 'number' && high <= 2147483647 && low >= -2147483648
      return {
        message: `${label(schema)} has no \`format\``,
        fix: addMembers(schema, { format: small ? 'int32' : 'int64' }, { safe: small }),
      }
    },
    failing: 'components: { schemas: { A: { type: integer, minimum: 0, maximum: 9 } } }',
    passing: 'components: { schemas: { A: { type: integer, minimum: 0, maximum: 9, format: int32 } } }',
  },
  {
    id: 'array-without-limit',
    risk: 'API4',
    level: 'medium',
    title: 'A list without an end',
    rationale: 'Each item is parsed, checked and stored; a million of them fit into one request.',
    remedy: 'Write `maxItems`.',
    cwe: [770],
    on: 'schema',
    when: ({ node }) => isType(node, 'array'),
    check: (schema) =>
      has(schema.node, 'maxItems')
        ? undefined
        : { message: `${label(schema)} has no \`maxItems\``, fix: addMembers(schema, { maxItems: 100 }) },
    failing: 'components: { schemas: { A: { type: array, items: { type: boolean } } } }',
    passing: 'components: { schemas: { A: { type: array, maxItems: 9, items: { type: boolean } } } }',
  },
  {
    id: 'pattern-redos',
    risk: 'API4',
    level: 'high',
    title: 'A pattern that takes exponential time',
    rationale:
      'A loop that can read the same text in two ways doubles the time of a backtracking engine with every character.',
    remedy: 'Write the loop so that each character can be read in one way only.',
    cwe: [1333],
    on: 'schema',
    when: ({ node }) => typeof own(node, 'pattern') === 'string',
    check: (schema) =>
      isExponential(textOf(schema.node, 'pattern'))
        ? {
            message: `the pattern of ${label(schema)} takes exponential time on some texts`,
            at: below(schema, 'pattern'),
            fix: advice(
              'write each loop so that a text can be read in one way, for example\n    pattern: "^[a-z]+(?:-[a-z]+)*$"',
            ),
          }
        : undefined,
    failing: 'components: { schemas: { A: { type: string, pattern: "^(a+)+$" } } }',
    passing: 'components: { schemas: { A: { type: string, pattern: "^[a-z]+(?:-[a-z]+)*$" } } }',
  },
  {
    id: 'schema-recursive',
    risk: 'API4',
    level: 'low',
    title: 'A request schema that contains itself',
    rationale: 'A schema without an end lets a request nest until a parser, a validator or a stack gives up.',
    remedy:
      'Bound the lists on the way (`maxItems`), or flatten the shape; the gate limits the depth of JSON to 64 anyway.',
    cwe: [674],
    on: 'schema',
    when: ({ inRequest, place }) => inRequest && place === 'component',
    check: (schema, document) =>
      leadsToItself(schema, document)
        ? {
            message: `${label(schema)} contains itself`,
            fix: advice('bound the lists on the way with `maxItems`, or flatten the shape'),
          }
        : undefined,
    failing: `components: { schemas: { T: { type: object, properties: { t: { $ref: "#/components/schemas/T" } } } } }
paths:
  /a:
    post:
      requestBody: { content: { application/json: { schema: { $ref: "#/components/schemas/T" } } } }
      responses: { "200": { description: it } }`,
    passing: `components: { schemas: { T: { type: object, properties: { t: { type: integer } } } } }
paths:
  /a:
    post:
      requestBody: { content: { application/json: { schema: { $ref: "#/components/schemas/T" } } } }
      responses: { "200": { description: it } }`,
  },
]

const maxSteps = 400

function leadsToItself(root: AuditedSchema, document: AuditedDocument): boolean {
  const seen = new Set<object>()
  const open: { value: unknown; spot: ReturnType<typeof below> }[] = []
  const enter = (node: Record<string, unknown>, spot: ReturnType<typeof below>): void =>
    eachSubschema(node, false, (child, pointer) => {
      open.push({ value: child, spot: { source: spot.source, pointer: spot.pointer + pointer } })
    })
  enter(root.node, root)
  for (let next = open.pop(); next !== undefined && seen.size < maxSteps; next = open.pop()) {
    const at = isObject(next.value) ? document.object(next.value, next.spot) : undefined
    if (at === undefined) continue
    if (at.node === root.node) return true
    if (seen.has(at.node)) continue
    seen.add(at.node)
    enter(at.node, at)
  }
  return false
}
