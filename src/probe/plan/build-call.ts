import type { DeclaredMedia, DeclaredOperation, DeclaredParameter } from '../../contract/declared.ts'
import { isObject, type JsonObject, own, type Schema } from '../../contract/schema.ts'
import { createRandom } from '../create-random.ts'
import { type Sampling, sampleValue } from './sample-value.ts'

/** Values that are set rather than made: by `path.userId`, `query.limit`, `body/order/id`. */
export type Fills = ReadonlyMap<string, unknown>

/** A request to an operation before a credential is put on it. */
export interface Call {
  readonly operation: DeclaredOperation
  /** Raw values of path parameters. */
  readonly path: ReadonlyMap<string, string>
  readonly query: readonly (readonly [string, string])[]
  readonly headers: readonly (readonly [string, string])[]
  /** As JSON where it is an object. */
  readonly body: unknown
  readonly media: string | undefined
}

export interface BuildOptions {
  readonly resolve: Sampling['resolve']
  readonly marker: string
  readonly seed: number
  readonly full?: boolean
  readonly examples?: boolean
  /** Optional parameters of the query that are to be sent. */
  readonly also?: ReadonlySet<string>
  /** A value for a member or parameter that has no fill. */
  readonly known?: (name: string, place: string) => unknown
}

export const idOf = (one: Pick<DeclaredParameter, 'in' | 'name'>): string => `${one.in}.${one.name}`

/** Makes a request that the contract accepts, as far as it can be told. Undefined where a body cannot be made. */
export function buildCall(
  operation: DeclaredOperation,
  fills: Fills,
  options: BuildOptions,
): Call | undefined {
  const random = createRandom(options.seed)
  const how = (prefix: string): Sampling => ({
    resolve: options.resolve,
    random,
    full: options.full === true,
    marker: options.marker,
    examples: options.examples !== false,
    known: (name, path) => {
      const place = prefix === '' ? `body/${path.join('/')}` : prefix
      const fill = fills.get(place)
      return fill !== undefined
        ? fill
        : path.length === 0 && prefix === ''
          ? undefined
          : options.known?.(name, place)
    },
  })
  const value = (one: DeclaredParameter): unknown => {
    const place = idOf(one)
    const fill = fills.get(place)
    if (fill !== undefined) return fill
    if (one.example !== undefined && options.examples !== false) return one.example
    return sampleValue(one.schema, one.name, how(place))
  }
  const path = new Map<string, string>()
  const query: [string, string][] = []
  const headers: [string, string][] = []
  const cookies: string[] = []
  for (const one of operation.parameters) {
    const wanted = one.required || fills.has(idOf(one)) || options.also?.has(one.name) === true
    if (!wanted) continue
    const raw = value(one)
    if (raw === undefined || raw === null) continue
    if (one.in === 'path') path.set(one.name, wire(raw))
    else if (one.in === 'query') query.push(...queryPairs(one, raw))
    else if (one.in === 'header') headers.push([one.name.toLowerCase(), wire(raw)])
    else cookies.push(`${one.name}=${encodeURIComponent(wire(raw))}`)
  }
  if (cookies.length > 0) headers.push(['cookie', cookies.join('; ')])
  for (const [, name = ''] of operation.template.matchAll(/\{([^}]+)\}/g))
    if (!path.has(name))
      path.set(
        name,
        wire(fills.get(`path.${name}`) ?? sampleValue({ type: 'string' }, name, how(`path.${name}`))),
      )
  const media = operation.body === undefined ? undefined : chooseMedia(operation.body.media)
  if (operation.body !== undefined && media !== undefined) {
    const body =
      options.examples !== false && isObject(media.example) && !hasBodyFill(fills)
        ? media.example
        : sampleValue(media.schema, 'body', how(''))
    if (body === undefined && operation.body.required) return undefined
    return { operation, path, query, headers, body, media: media.range }
  }
  return { operation, path, query, headers, body: undefined, media: undefined }
}

function hasBodyFill(fills: Fills): boolean {
  for (const key of fills.keys()) if (key.startsWith('body/')) return true
  return false
}

/** JSON before forms before everything else. */
export function chooseMedia(media: readonly DeclaredMedia[]): DeclaredMedia | undefined {
  return (
    media.find(({ range }) => range === 'application/json') ??
    media.find(({ range }) => /json/.test(range)) ??
    media.find(({ range }) => range === 'application/x-www-form-urlencoded') ??
    media.find(({ range }) => range === 'multipart/form-data') ??
    media[0]
  )
}

function queryPairs(one: DeclaredParameter, value: unknown): [string, string][] {
  if (Array.isArray(value))
    return one.explode ? value.map((item) => [one.name, wire(item)]) : [[one.name, value.map(wire).join(',')]]
  if (isObject(value) && !one.json)
    return Object.keys(value).map((key) => [
      one.style === 'deepObject' ? `${one.name}[${key}]` : key,
      wire(own(value, key)),
    ])
  return [[one.name, wire(value)]]
}

function wire(value: unknown): string {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value)
}

/** The path with query as it is sent: every value percent-encoded. */
export function pathOf(
  call: Call,
  prefix: string,
  more: readonly (readonly [string, string])[] = [],
): string {
  const path = call.operation.template.replace(/\{([^}]+)\}/g, (_, name: string) =>
    encodeURIComponent(call.path.get(name) ?? ''),
  )
  const query = [...call.query, ...more].map(
    ([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`,
  )
  return `${prefix}${path}${query.length === 0 ? '' : `?${query.join('&')}`}`
}

/** The body's bytes as text, and its media type. */
export function bodyOf({
  body,
  media,
}: Pick<Call, 'body' | 'media'>): { text: string; type: string } | undefined {
  if (media === undefined || body === undefined) return undefined
  if (/json/.test(media))
    return { text: JSON.stringify(body), type: media.includes('*') ? 'application/json' : media }
  if (media === 'application/x-www-form-urlencoded' || media === '*/*') {
    if (media === '*/*') return { text: JSON.stringify(body), type: 'application/json' }
    const form = new URLSearchParams()
    for (const [name, value] of Object.entries(isObject(body) ? body : {})) form.append(name, wire(value))
    return { text: form.toString(), type: media }
  }
  if (media === 'multipart/form-data') {
    const boundary = '----sallyport-probe'
    const parts = Object.entries(isObject(body) ? body : {}).map(
      ([name, value]) =>
        `--${boundary}\r\ncontent-disposition: form-data; name="${name.replace(/["\r\n]/g, '_')}"\r\n\r\n${wire(value)}\r\n`,
    )
    return { text: `${parts.join('')}--${boundary}--\r\n`, type: `${media}; boundary=${boundary}` }
  }
  return {
    text: typeof body === 'string' ? body : wire(body),
    type: media.includes('*') ? 'application/octet-stream' : media,
  }
}

/** Members of a JSON body's schema, at the top; `allOf` in. */
export function bodyMembers(
  media: DeclaredMedia | undefined,
  resolve: Sampling['resolve'],
): ReadonlyMap<string, Schema | undefined> {
  const members = new Map<string, Schema | undefined>()
  const visit = (schema: Schema | undefined, depth: number): void => {
    const node = resolve(schema)
    if (!isObject(node) || depth > 6) return
    const properties = own(node, 'properties')
    if (isObject(properties))
      for (const key of Object.keys(properties)) members.set(key, own(properties, key) as Schema | undefined)
    for (const key of ['allOf', 'oneOf', 'anyOf']) {
      const list = own(node, key)
      if (Array.isArray(list)) for (const one of list) visit(one as Schema, depth + 1)
    }
  }
  visit(media?.schema, 0)
  return members
}

/** A copy of a JSON body with a member set; lists are walked at `*`. */
export function withMember(body: unknown, path: readonly string[], value: unknown): unknown {
  const [name, ...rest] = path
  if (name === undefined) return value
  if (Array.isArray(body)) return body.map((item) => withMember(item, name === '*' ? rest : path, value))
  const base: JsonObject = isObject(body) ? { ...body } : {}
  base[name] = rest.length === 0 ? value : withMember(base[name], rest, value)
  return base
}
