import { isFailure, missing, mistyped } from './failure.ts'
import { hostOf, wholeMap } from './library-view.ts'
import { type FieldReader, readCookie, readHeader, readPath, readQuery } from './read-field.ts'
import type { Reader } from './reader.ts'
import type { VariableName } from './vocabulary.ts'

// An anonymous caller has no subject and no issuer: reading them is a missing value, so that the empty string
// never equals an empty owner.
const callerReaders: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ['sub', (call) => (call.principal.sub === '' ? missing : call.principal.sub)],
  ['issuer', (call) => (call.principal.issuer === '' ? missing : call.principal.issuer)],
  ['client', (call) => call.principal.client ?? missing],
  ['roles', (call) => call.principal.roles],
  ['scopes', (call) => call.principal.scopes],
  ['claims', (call) => call.principal.claims],
  ['amr', (call) => call.principal.amr],
])

const objectReaders: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ['id', (_call, scene) => scene.object?.id ?? missing],
  ['owner', (_call, scene) => scene.object?.owner ?? missing],
])

const requestReaders: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ['ip', (call) => call.client],
  ['method', (call) => call.method],
  ['host', (call) => hostOf(call.authority)],
  ['time', (call) => new Date(call.time)],
])

const fieldReaders: ReadonlyMap<VariableName, FieldReader> = new Map<VariableName, FieldReader>([
  ['path', readPath],
  ['query', readQuery],
  ['header', readHeader],
  ['cookie', readCookie],
])

/** `variable.field` or `variable['field']` of a variable that is not itself a JSON value. */
export function compileField(variable: VariableName, field: string): Reader | undefined {
  if (variable === 'path') return (call) => call.params[field] ?? missing
  const read = fieldReaders.get(variable)
  if (read !== undefined) {
    const name = variable === 'header' ? field.toLowerCase() : field
    return (call) => read(call, name)
  }
  if (variable === 'caller') return callerReaders.get(field)
  if (variable === 'object') return objectReaders.get(field)
  if (variable === 'request') return requestReaders.get(field)
  return undefined
}

/** `variable[expression]` of a group of names. */
export function compileDynamicField(variable: VariableName, key: Reader): Reader | undefined {
  const read = fieldReaders.get(variable)
  if (read === undefined) return undefined
  return (call, scene) => {
    const name = key(call, scene)
    if (isFailure(name)) return name
    return typeof name === 'string' ? read(call, name) : mistyped
  }
}

/** A variable by itself: a body, a reply, or a group of names as a map. */
export function compileVariable(variable: VariableName): Reader | undefined {
  switch (variable) {
    case 'body':
      return (_call, scene) => (scene.body === undefined ? missing : scene.body)
    case 'response':
      return (_call, scene) => (scene.response === undefined ? missing : scene.response)
    case 'path':
    case 'query':
    case 'header':
    case 'cookie':
      return (call) => wholeMap(call, variable)
    default:
      return undefined
  }
}
