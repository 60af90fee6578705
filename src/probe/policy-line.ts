import { typeOfCollection } from '../contract/objects/id-name.ts'
import type { IdSlot, ProbeOperation } from './plan/probe-operation.ts'

const member = (place: string): string => {
  const [where = '', ...rest] = place.split('.')
  const name = rest.join('.')
  return /^[A-Za-z_]\w*$/.test(name) ? place : `${where}["${name}"]`
}

/** A selector in YAML. */
function selector({ declared }: ProbeOperation): string {
  return /^[A-Za-z][\w-]*$/.test(declared.id)
    ? declared.id
    : JSON.stringify(`${declared.method} ${declared.template}`)
}

/**
 * The rule about an object that a slot names: by its owner, where a reply at its path tells one or its id is the caller; else the
 * gate remembers who was given what.
 */
export function objectLine(
  operation: ProbeOperation,
  slot: IdSlot | undefined,
  owner: string | undefined,
): string {
  const of = `for: ${selector(operation)}`
  if (slot === undefined) {
    const name = word(typeOfCollection(operation.collection).type)
    return `objects: { ${name}: { ${of}, owner: response.${owner ?? 'userId'} } }`
  }
  const name = word(slot.type)
  if (slot.place.startsWith('body/')) return `objects: { ${name}: { ${of}, learn: {} } }`
  const self = /^(?:user|account|customer|member|person|profile)$/i.test(slot.type)
  if (owner === undefined && self)
    return `objects: { ${name}: { ${of}, id: ${member(slot.place)}, owner: ${member(slot.place)} } }`
  if (owner === undefined || !slot.place.startsWith('path.') || !operation.readable)
    return !operation.given.has(slot.type)
      ? `${functionLine(operation)}   # no reply gives its id and none at its path tells an owner: for staff alone`
      : `objects: { ${name}: { ${of}, ids: ${slot.place}, learn: {} } }`
  const read = operation.reads ? '' : `, read: "GET ${operation.declared.template}"`
  return `objects: { ${name}: { ${of}, id: ${member(slot.place)}, owner: response.${owner}${read} } }`
}

const word = (type: string): string => type.replaceAll(/\W/g, '') || 'object'

export const functionLine = (operation: ProbeOperation): string =>
  `functions: [{ for: ${selector(operation)}, allow: "'admin' in caller.roles" }]`

export const scopeLine = (scheme: string): string =>
  `security: { ${scheme || 'bearerAuth'}: [ISSUER] }   # the scopes of the contract are then asked for`

export const authLine = (operation: ProbeOperation | undefined): string => {
  const scheme = operation?.declared.security.flat()[0]?.scheme ?? 'bearerAuth'
  return `security: { ${/^[\w-]+$/.test(scheme) ? scheme : JSON.stringify(scheme)}: [ISSUER] }   # issuers: { ISSUER: { issuer: …, audience: …, algorithms: [ES256] } }`
}

/** Where the schema has no name of its own the function is kept for staff. */
export const propertyLine = (
  operation: ProbeOperation,
  schema: string | undefined,
  name: string,
  side: 'read' | 'write',
): string =>
  schema === undefined
    ? functionLine(operation)
    : side === 'read'
      ? `properties: { ${schema}.${name}: { read: never } }`
      : `properties: { ${schema}.${name}: { write: never } }`

export const limitLine = (operation: ProbeOperation | undefined, key: string, rate: string): string =>
  `limits: [{ for: ${operation === undefined ? '"*"' : selector(operation)}, per: ${key}, rate: ${rate} }]`

export const controlLine = (control: string): string => `controls: { ${control}: enforce }`

/** What needs no line of its own: the gate does it by the contract. */
export const contractLine = (what: string): string => `contract: openapi.yaml   # ${what}`
