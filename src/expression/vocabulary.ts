import { Environment } from '@marcbachmann/cel-js'
import { CallerView, ObjectView, RequestView } from './library-view.ts'

/** The variables of contract.md, and `cookie`. */
export type VariableName =
  | 'caller'
  | 'path'
  | 'query'
  | 'header'
  | 'cookie'
  | 'body'
  | 'object'
  | 'response'
  | 'request'

/**
 * The variables an expression may read where it stands, each with its field names where they are known
 * (`path`: the operation's parameters) or `any`. A variable that is not listed is unknown.
 */
export type Variables = Readonly<Partial<Record<VariableName, readonly string[] | 'any'>>>

const strings = 'map<string, string>'

const callerFields = {
  sub: 'string',
  issuer: 'string',
  client: 'string',
  roles: 'list<string>',
  scopes: 'list<string>',
  claims: 'map<string, dyn>',
  amr: 'list<string>',
} as const
const objectFields = { id: 'string', owner: 'string' } as const
const requestFields = {
  ip: 'string',
  method: 'string',
  host: 'string',
  time: 'google.protobuf.Timestamp',
} as const

/** Field names of the variables whose shape is always the same. */
const fixedFields: ReadonlyMap<VariableName, readonly string[]> = new Map([
  ['caller', Object.keys(callerFields)],
  ['object', Object.keys(objectFields)],
  ['request', Object.keys(requestFields)],
])

const types: Readonly<Record<VariableName, string>> = {
  caller: 'Caller',
  object: 'Object',
  request: 'Request',
  path: strings,
  query: strings,
  header: strings,
  cookie: strings,
  body: 'dyn',
  response: 'dyn',
}

export function isVariableName(name: string): name is VariableName {
  return Object.hasOwn(types, name)
}

/** Known field names of a variable; undefined where any name may be read. */
export function fieldsOf(variables: Variables, name: VariableName): readonly string[] | undefined {
  const fixed = fixedFields.get(name)
  if (fixed !== undefined) return fixed
  const known = variables[name]
  return known === undefined || known === 'any' ? undefined : known
}

const environments = new Map<string, Environment>()

/** The library's environment that knows exactly these variables. Made once per set. */
export function environmentOf(variables: Variables): Environment {
  const names = Object.keys(variables).filter(isVariableName).sort()
  const key = names.join()
  let environment = environments.get(key)
  if (environment === undefined) {
    environment = new Environment({
      limits: {
        maxAstNodes: 512,
        maxDepth: 32,
        maxListElements: 256,
        maxMapEntries: 64,
        maxCallArguments: 8,
      },
    })
      .registerType('Caller', { ctor: CallerView, fields: callerFields })
      .registerType('Object', { ctor: ObjectView, fields: objectFields })
      .registerType('Request', { ctor: RequestView, fields: requestFields })
    for (const name of names) environment.registerVariable(name, types[name])
    environments.set(key, environment)
  }
  return environment
}
