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

/** The rule about an object that a slot names. */
export function objectLine(
  operation: ProbeOperation,
  slot: IdSlot | undefined,
  owner: string | undefined,
): string {
  if (slot === undefined)
    return `objects: { ${operation.collection.replaceAll(/\W/g, '') || 'object'}: { for: ${selector(operation)}, owner: response.${owner ?? 'userId'} } }`
  const place = slot.place.startsWith('body/')
    ? `body.${slot.place.slice(5).replaceAll('/', '.')}`
    : slot.place
  const self = /^(?:user|account|customer|member|person|profile)/i.test(slot.type)
  const whose = owner === undefined && self ? member(place) : `response.${owner ?? 'userId'}`
  const read =
    operation.reads || whose === member(place) ? '' : `, read: "GET ${operation.declared.template}"`
  const name = slot.type.replaceAll(/\W/g, '') || 'object'
  return `objects: { ${name}: { for: ${selector(operation)}, id: ${member(place)}, owner: ${whose}${read} } }`
}

export const functionLine = (operation: ProbeOperation): string =>
  `functions: [{ for: ${selector(operation)}, allow: "'admin' in caller.roles" }]`

export const scopeLine = (scheme: string): string =>
  `security: { ${scheme || 'bearerAuth'}: [ISSUER] }   # the scopes of the contract are then asked for`

export const authLine = (operation: ProbeOperation | undefined): string => {
  const scheme = operation?.declared.security.flat()[0]?.scheme ?? 'bearerAuth'
  return `security: { ${/^[\w-]+$/.test(scheme) ? scheme : JSON.stringify(scheme)}: [ISSUER] }   # issuers: { ISSUER: { issuer: …, audience: …, algorithms: [ES256] } }`
}

export const propertyLine = (schema: string, name: string, side: 'read' | 'write'): string =>
  side === 'read'
    ? `properties: { ${schema}.${name}: { read: never } }`
    : `properties: { ${schema}.${name}: { write: never } }`

export const limitLine = (operation: ProbeOperation | undefined, key: string, rate: string): string =>
  `limits: [{ for: ${operation === undefined ? '"*"' : selector(operation)}, per: ${key}, rate: ${rate} }]`

export const controlLine = (control: string): string => `controls: { ${control}: enforce }`

/** What needs no line: the gate does it by the contract alone. */
export const contractLine = (what: string): string => `contract: …   # ${what}`
