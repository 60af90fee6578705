import { isObject, own } from '../../contract/schema.ts'
import { below } from '../document/at.ts'
import { has, isType, textOf, titleOf } from '../facts.ts'
import { advice, setValue } from '../fix.ts'
import type { Rule } from '../rule.ts'
import { secretIn } from '../secret-in.ts'
import { isCommandName, isFileName, isRedirectName } from '../vocabulary.ts'

const listed = (node: Record<string, unknown>): boolean =>
  ['enum', 'const', 'pattern'].some((key) => has(node, key))

/** API8: what an input or example may hold. */
export const api8InputRules: readonly Rule[] = [
  {
    id: 'redirect-from-caller',
    risk: 'API8',
    level: 'medium',
    title: 'A redirect to wherever the caller says',
    rationale:
      'A link to your own host that ends on another is what phishing needs, and codes of a sign-in leak by it.',
    remedy: 'List where it may lead: `enum`, or a `pattern` for paths of your own.',
    cwe: [601],
    on: 'parameter',
    when: ({ name, in: place }) => place === 'query' && isRedirectName(name),
    check: ({ name, schema, pointer, source }) =>
      schema !== undefined &&
      (listed(schema.node) || isType(schema.node, 'boolean') || isType(schema.node, 'integer'))
        ? undefined
        : {
            message: `\`${name}\` leads wherever the caller says`,
            at: { pointer: `${pointer}/name`, source },
            fix: advice('say where it may lead:\n    pattern: "^/[A-Za-z0-9/_-]{0,200}$"'),
          },
    failing: `paths:
  /a:
    get:
      parameters: [{ name: return_to, in: query, schema: { type: string } }]
      responses: { "302": { description: there } }`,
    passing: `paths:
  /a:
    get:
      parameters: [{ name: return_to, in: query, schema: { type: string, pattern: "^/[a-z]{1,40}$" } }]
      responses: { "302": { description: there } }`,
  },
  {
    id: 'file-name-from-caller',
    risk: 'API8',
    level: 'high',
    title: 'A file name or path from the caller',
    rationale: '`../../etc/passwd` is a file name too.',
    remedy: 'Name files by ids, or pin what a name may be: a `pattern` without `/`, `\\` and leading dots.',
    cwe: [22, 73],
    on: 'parameter',
    when: ({ name, schema }) => schema !== undefined && isType(schema.node, 'string') && isFileName(name),
    check: ({ name, schema }) =>
      schema === undefined ||
      listed(schema.node) ||
      /^(?:uuid|binary|byte)$/.test(textOf(schema.node, 'format'))
        ? undefined
        : {
            message: `\`${name}\` takes any file name or path`,
            at: schema,
            fix: advice('pin what a name may be:\n    pattern: "^[A-Za-z0-9_][A-Za-z0-9._-]{0,100}$"'),
          },
    failing: `paths:
  /a:
    get:
      parameters: [{ name: filename, in: query, schema: { type: string } }]
      responses: { "200": { description: it } }`,
    passing: `paths:
  /a:
    get:
      parameters: [{ name: filename, in: query, schema: { type: string, pattern: "^[a-z]{1,40}$" } }]
      responses: { "200": { description: it } }`,
  },
  {
    id: 'command-from-caller',
    risk: 'API8',
    level: 'high',
    title: 'A command or query language from the caller',
    rationale:
      'What a shell, a database or an expression engine reads must not come from a request as free text.',
    remedy: 'List what may be asked: `enum` or `pattern`.',
    cwe: [77, 89, 943],
    on: 'parameter',
    when: ({ name, in: place, schema }) =>
      place !== 'path' && schema !== undefined && isType(schema.node, 'string') && isCommandName(name),
    check: ({ name, schema }) =>
      schema === undefined || listed(schema.node)
        ? undefined
        : {
            message: `\`${name}\` takes free text for something that interprets it`,
            at: schema,
            level: /^(?:sort|sort_?by|order|order_?by|orderby|query|filters?|code)$/i.test(name)
              ? 'medium'
              : 'high',
            fix: advice('list what may be asked:\n    enum: [name, -name]'),
          },
    failing: `paths:
  /a:
    get:
      parameters: [{ name: cmd, in: query, schema: { type: string } }]
      responses: { "200": { description: it } }`,
    passing: `paths:
  /a:
    get:
      parameters: [{ name: sort, in: query, schema: { type: string, enum: [name, age] } }]
      responses: { "200": { description: it } }`,
  },
  {
    id: 'parameter-in-two-places',
    risk: 'API8',
    level: 'medium',
    title: 'One name in two places',
    rationale:
      'Frameworks merge path, query and body. Of two values with one name, one is checked and the other is used.',
    remedy: 'Give them different names.',
    cwe: [235, 436],
    on: 'operation',
    when: ({ outbound, parameters }) => !outbound && parameters.length > 1,
    check: (operation) => {
      const places = new Map<string, string>()
      return operation.parameters.flatMap((parameter) => {
        if (parameter.in === 'header') return []
        const before = places.get(parameter.name)
        places.set(parameter.name, parameter.in)
        return before === undefined || before === parameter.in
          ? []
          : [
              {
                message: `${titleOf(operation)} takes \`${parameter.name}\` from the ${before} and from the ${parameter.in}`,
                at: below(parameter, 'name'),
                fix: advice('give one of them another name'),
              },
            ]
      })
    },
    failing: `paths:
  /a/{id}:
    get:
      parameters:
        - { name: id, in: path, required: true, schema: { type: string } }
        - { name: id, in: query, schema: { type: string } }
      responses: { "200": { description: it } }`,
    passing: `paths:
  /a/{id}:
    get:
      parameters:
        - { name: id, in: path, required: true, schema: { type: string } }
        - { name: page, in: query, schema: { type: string } }
      responses: { "200": { description: it } }`,
  },
  {
    id: 'query-object-open',
    risk: 'API8',
    level: 'medium',
    title: 'A query that becomes an object of the caller’s shape',
    rationale: '`?filter[$ne]=` becomes an operator of the database behind it.',
    remedy: 'Close the object: declare its properties and `additionalProperties: false`.',
    cwe: [943, 915],
    on: 'parameter',
    when: ({ in: place, schema, node }) =>
      place === 'query' &&
      schema !== undefined &&
      (textOf(node, 'style') === 'deepObject' || isType(schema.node, 'object')),
    check: ({ name, schema }) =>
      schema === undefined ||
      (own(schema.node, 'additionalProperties') === false && isObject(own(schema.node, 'properties')))
        ? undefined
        : {
            message: `\`${name}\` takes an object of any shape from the query`,
            at: schema,
            fix: advice('declare its properties, and\n    additionalProperties: false'),
          },
    failing: `paths:
  /a:
    get:
      parameters: [{ name: filter, in: query, style: deepObject, schema: { type: object } }]
      responses: { "200": { description: it } }`,
    passing: `paths:
  /a:
    get:
      parameters: [{ name: filter, in: query, style: deepObject, schema: { type: object, additionalProperties: false, properties: { a: { type: string } } } }]
      responses: { "200": { description: it } }`,
  },
  {
    id: 'pattern-unanchored',
    risk: 'API8',
    level: 'medium',
    title: 'A pattern without ends',
    rationale:
      '`[a-z]+` accepts every text with one letter in it: JSON Schema searches, it does not match the whole.',
    remedy: 'Write `^…$`.',
    cwe: [777, 185],
    on: 'schema',
    when: ({ node }) => typeof own(node, 'pattern') === 'string',
    check: (schema) => {
      const pattern = textOf(schema.node, 'pattern')
      if (
        pattern === '' ||
        (/^(?:\^|\\A|\(\?)/.test(pattern) && /(?:\$|\\Z|\\z|\))$/.test(pattern)) ||
        (/\^/.test(pattern.slice(0, 3)) && /\$\)?$/.test(pattern))
      )
        return undefined
      const spot = below(schema, 'pattern')
      const whole = pattern.includes('|')
        ? `^(?:${pattern.replace(/^\^/, '').replace(/\$$/, '')})$`
        : `^${pattern.replace(/^\^/, '').replace(/(?<!\\)\$$/, '')}$`
      return {
        message: `the pattern of \`${schema.name || 'the value'}\` matches parts of a text`,
        at: spot,
        level: /^\^/.test(pattern) ? 'low' : 'medium',
        fix: setValue(spot, whole),
      }
    },
    failing: 'components: { schemas: { A: { type: string, pattern: "[a-z]+" } } }',
    passing: 'components: { schemas: { A: { type: string, pattern: "^[a-z]+$" } } }',
  },
  {
    id: 'secret-in-example',
    risk: 'API8',
    level: 'high',
    title: 'A secret in an example',
    rationale:
      'Examples are published, copied and indexed; real keys and tokens get there by pasting a real call.',
    remedy: 'Revoke it, then write a placeholder.',
    cwe: [798, 540],
    on: 'example',
    secret: true,
    check: ({ text, spot, kind }) => {
      const what = secretIn(text)
      return what === undefined
        ? undefined
        : {
            message: `${kind === 'example' ? 'an example' : 'a description'} holds what looks like ${what}`,
            at: spot,
            fix: advice('revoke it, then write a placeholder such as `<token>`'),
          }
    },
    failing: `components: { schemas: { A: { type: string, maxLength: 99, example: "AKIAIOSFODNN7QWERTYU" } } }`,
    passing: `components: { schemas: { A: { type: string, maxLength: 99, example: "<key>" } } }`,
  },
  {
    id: 'trace-in-example',
    risk: 'API8',
    level: 'low',
    title: 'A stack trace in an example',
    rationale: 'What an example of an error shows, the error shows: frameworks, paths, queries.',
    remedy: 'Describe errors by RFC 9457, without internals.',
    cwe: [209],
    on: 'example',
    when: ({ kind }) => kind === 'example',
    check: ({ text, spot }) =>
      /\bat [\w$.<>]+ ?\([^)\n]*:\d+(?::\d+)?\)|Traceback \(most recent call last\)|\.java:\d+\)|\bORA-\d{5}\b|SQLSTATE\[|You have an error in your SQL syntax/.test(
        text,
      )
        ? {
            message: 'an example shows a stack trace or a database error',
            at: spot,
            fix: advice('show a problem without internals'),
          }
        : undefined,
    failing: `components: { schemas: { E: { type: string, example: "Error: x\\n    at run (/srv/app.js:10:3)" } } }`,
    passing: 'components: { schemas: { E: { type: string, example: "The request is wrong" } } }',
  },
  {
    id: 'active-description',
    risk: 'API8',
    level: 'low',
    title: 'A description that a browser would run',
    rationale: 'Documentation pages render descriptions; scripts and handlers in them run for whoever reads.',
    remedy: 'Write plain Markdown.',
    cwe: [79],
    on: 'example',
    when: ({ kind }) => kind === 'description',
    check: ({ text, spot }) =>
      /<script[\s>]|<iframe[\s>]|\bon(?:error|load|click|mouseover)\s*=|\]\(\s*javascript:|<[^>]+javascript:/i.test(
        text,
      )
        ? {
            message: 'a description holds what a browser would run',
            at: spot,
            fix: advice('write plain Markdown'),
          }
        : undefined,
    failing: 'tags: [{ name: a, description: "see <script>alert(1)</script>" }]',
    passing: 'tags: [{ name: a, description: "see **this**" }]',
  },
]
