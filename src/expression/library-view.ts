import type { Principal } from '../kernel/principal.ts'
import { isFailure } from './failure.ts'
import type { FieldReader } from './read-field.ts'
import { readCookie, readHeader, readPath, readQuery } from './read-field.ts'
import type { Call, ObjectScene, Scene } from './scene.ts'

// What the CEL library is shown of a call: getters, so that nothing is built that the expression does not read.

export class CallerView {
  readonly #principal: Principal

  constructor(principal: Principal) {
    this.#principal = principal
  }

  get sub(): string | undefined {
    return this.#principal.sub === '' ? undefined : this.#principal.sub
  }

  get issuer(): string | undefined {
    return this.#principal.issuer === '' ? undefined : this.#principal.issuer
  }

  get client(): string | undefined {
    return this.#principal.client
  }

  get roles(): readonly string[] {
    return this.#principal.roles
  }

  get scopes(): readonly string[] {
    return this.#principal.scopes
  }

  get claims(): Readonly<Record<string, unknown>> {
    return this.#principal.claims
  }

  get amr(): readonly string[] {
    return this.#principal.amr
  }
}

export class ObjectView {
  readonly id: string | undefined
  readonly owner: string | undefined

  constructor(object: ObjectScene) {
    this.id = object.id
    this.owner = object.owner
  }
}

export class RequestView {
  readonly #call: Call

  constructor(call: Call) {
    this.#call = call
  }

  get ip(): string {
    return this.#call.client
  }

  get method(): string {
    return this.#call.method
  }

  get host(): string {
    return hostOf(this.#call.authority)
  }

  get time(): Date {
    return new Date(this.#call.time)
  }
}

/** The host of an authority, without port and without the dot of a full name. */
export function hostOf(authority: string): string {
  const colon = authority.lastIndexOf(':')
  const host = colon > authority.lastIndexOf(']') ? authority.slice(0, colon) : authority
  return host.endsWith('.') ? host.slice(0, -1) : host
}

function mapOf(call: Call, names: Iterable<string>, read: FieldReader): ReadonlyMap<string, string> {
  const map = new Map<string, string>()
  for (const name of names) {
    if (map.has(name)) continue
    const value = read(call, name)
    if (!isFailure(value)) map.set(name, value)
  }
  return map
}

function* headerNames(call: Call): Generator<string> {
  const { flat } = call.fields
  for (let i = 0; i < flat.length; i += 2) yield flat[i] ?? ''
}

function* cookieNames(call: Call): Generator<string> {
  for (const pair of (call.fields.get('cookie') ?? '').split(';')) yield pair.split('=', 1)[0]?.trim() ?? ''
}

/** A whole group of names as a map. What came more than once is left out: it has no one value. */
export function wholeMap(
  call: Call,
  name: 'path' | 'query' | 'header' | 'cookie',
): ReadonlyMap<string, string> {
  switch (name) {
    case 'path':
      return mapOf(call, Object.keys(call.params), readPath)
    case 'query':
      return mapOf(
        call,
        call.pairs.map((pair) => pair.name),
        readQuery,
      )
    case 'header':
      return mapOf(call, headerNames(call), readHeader)
    case 'cookie':
      return mapOf(call, cookieNames(call), readCookie)
  }
}

/** The library's context of one evaluation. */
export class LibraryView {
  readonly #call: Call
  readonly #scene: Scene

  constructor(call: Call, scene: Scene) {
    this.#call = call
    this.#scene = scene
  }

  get caller(): CallerView {
    return new CallerView(this.#call.principal)
  }

  get request(): RequestView {
    return new RequestView(this.#call)
  }

  get object(): ObjectView | undefined {
    return this.#scene.object === undefined ? undefined : new ObjectView(this.#scene.object)
  }

  get path(): ReadonlyMap<string, string> {
    return wholeMap(this.#call, 'path')
  }

  get query(): ReadonlyMap<string, string> {
    return wholeMap(this.#call, 'query')
  }

  get header(): ReadonlyMap<string, string> {
    return wholeMap(this.#call, 'header')
  }

  get cookie(): ReadonlyMap<string, string> {
    return wholeMap(this.#call, 'cookie')
  }

  get body(): unknown {
    return this.#scene.body
  }

  get response(): unknown {
    return this.#scene.response
  }
}
