import { mediaKindOf } from './compile/media-range.ts'
import type { DeclaredOperation, DeclaredParameter, DeclaredResponse } from './declared.ts'
import { isObject, type JsonObject, type Schema } from './schema.ts'
import { SchemaCopy } from './schemas/schema-copy.ts'
import type { SchemaStore } from './schemas/schema-store.ts'

/** How one argument of a tool becomes a part of the request. */
export interface ToolArgument {
  /** Name among the arguments. */
  readonly argument: string
  readonly in: 'path' | 'query' | 'header'
  /** Name in the request. */
  readonly name: string
  readonly required: boolean
  readonly style: string
  readonly explode: boolean
  /** The value is written as JSON. */
  readonly json: boolean
}

/** An operation as agents may meet it. */
export interface ToolShape {
  readonly summary: string
  readonly description: string
  readonly arguments: readonly ToolArgument[]
  /** The argument that is the body. */
  readonly body:
    | { readonly argument: string; readonly required: boolean; readonly mediaType: string }
    | undefined
  /** JSON Schema (2020-12) of the arguments; stands alone. */
  readonly input: JsonObject
  /** JSON Schema of what is left of a successful reply; undefined where that is no object. */
  readonly output: JsonObject | undefined
}

/** Headers that are not the agent's to write: credentials, framing, and what the gate itself says. */
const reserved =
  /^(?:accept(?:-encoding|-charset)?|authorization|connection|content-.*|cookie|date|dpop|expect|forwarded|from|host|if-range|keep-alive|max-forwards|mcp-.*|origin|proxy-.*|range|referer|sallyport-.*|te|trace(?:parent|state)|trailer|transfer-encoding|upgrade|user-agent|via|x-forwarded-.*|x-real-ip|x-request-id)$/i

/** Characters of one tool's schemas: what is larger drowns the rest of an agent's context. */
const longestSchema = 65_536

/** An operation as a tool, or why it cannot be one. */
export function toolShapeOf(operation: DeclaredOperation, store: SchemaStore): ToolShape | string {
  const { method, parameters, body, responses, summary, description } = operation
  if (!methods.has(method)) return `${method} is no method of a tool`
  const stream = streamOf(responses)
  if (stream !== undefined) return stream
  const names = new Set<string>()
  const nameOf = (place: string, name: string): string => {
    const plain = name.replace(/[^A-Za-z0-9_.-]/g, '_').slice(0, 60)
    let free = names.has(plain) || plain === '__proto__' ? `${place}_${plain}` : plain
    while (names.has(free)) free += '_'
    names.add(free)
    return free
  }
  const copy = new SchemaCopy(store, 'request')
  const properties: JsonObject = {}
  const required: string[] = []
  const add = (argument: string, schema: Schema | undefined, isRequired: boolean): void => {
    properties[argument] = schema === undefined ? {} : copy.of(schema)
    if (isRequired) required.push(argument)
  }

  let bodyArgument: ToolShape['body']
  if (body !== undefined) {
    const media = body.media.find(({ range }) => !range.includes('*') && mediaKindOf(range) === 'json')
    if (media === undefined && (body.required || body.media.length > 0)) return 'its body is not JSON'
    if (media !== undefined) {
      const argument = nameOf('body', 'body')
      bodyArgument = { argument, required: body.required, mediaType: media.range }
      add(argument, media.schema, body.required)
    }
  }
  const args: ToolArgument[] = []
  for (const parameter of parameters) {
    const unfit = unfitOf(parameter)
    if (unfit !== undefined) {
      if (parameter.required)
        return `its ${parameter.in} parameter ${JSON.stringify(parameter.name)} ${unfit}`
      continue
    }
    const argument = nameOf(parameter.in, parameter.name)
    add(argument, parameter.schema, parameter.required)
    args.push({
      argument,
      in: parameter.in as ToolArgument['in'],
      name: parameter.name,
      required: parameter.required,
      style: parameter.style,
      explode: parameter.explode,
      json: parameter.json,
    })
  }
  const input: JsonObject = {
    type: 'object',
    properties,
    ...(required.length > 0 && { required }),
    additionalProperties: false,
    ...(Object.keys(copy.definitions).length > 0 && { $defs: copy.definitions }),
  }
  if (JSON.stringify(input).length > longestSchema) return 'its schema is too long for an agent'
  return {
    summary,
    description,
    arguments: args,
    body: bodyArgument,
    input,
    output: outputOf(responses, store),
  }
}

const methods = new Set(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'])

/** Why a parameter cannot be an argument. */
function unfitOf({ in: place, name, style }: DeclaredParameter): string | undefined {
  if (place === 'cookie') return 'is a cookie'
  if (place === 'header')
    return reserved.test(name) ? 'is a header that is not the agent’s to write' : undefined
  if (place === 'path' && style !== 'simple') return `has the style ${JSON.stringify(style)}`
  return undefined
}

/** An agent gets one whole answer. */
function streamOf(responses: readonly DeclaredResponse[]): string | undefined {
  const media = successes(responses).flatMap((response) => response.media ?? [])
  if (media.some(({ range }) => range === 'text/event-stream')) return 'it answers with a stream of events'
  if (media.length > 0 && media.every(({ range }) => !range.includes('*') && mediaKindOf(range) === 'binary'))
    return 'it answers with what is no text'
  return undefined
}

function outputOf(responses: readonly DeclaredResponse[], store: SchemaStore): JsonObject | undefined {
  const json = successes(responses)
    .flatMap((response) => response.media ?? [])
    .filter(({ range }) => mediaKindOf(range) === 'json')
  const [first] = json
  if (first?.schema === undefined || json.length > 1) return undefined
  const copy = new SchemaCopy(store, 'reply')
  const schema = copy.root(first.schema)
  if (!isObject(schema) || schema['type'] !== 'object') return undefined
  const output = {
    ...schema,
    ...(Object.keys(copy.definitions).length > 0 && { $defs: copy.definitions }),
  }
  return JSON.stringify(output).length > longestSchema ? undefined : output
}

function successes(responses: readonly DeclaredResponse[]): readonly DeclaredResponse[] {
  return responses.filter(({ status }) => status.startsWith('2'))
}
